/** The page of one document: opens it, and says so in place when it cannot be opened. */
import { useState, type ReactElement } from "react";
import { Link } from "wouter";
import { isProblem } from "../api";
import { Failure, Mark } from "../ui";
import { Editor } from "./Editor";
import { useOpening } from "./save/useSession";
import "./editor.css";

export function EditorPage({ documentId }: { documentId: string }): ReactElement {
  const [attempt, setAttempt] = useState(0);
  const opening = useOpening(documentId, attempt);
  if (opening.state === "open") return <Editor session={opening.session} recovered={opening.recovered} key={opening.session.id} />;
  return (
    <div className="ed">
      <header className="et">
        <Link href="/" className="ib" aria-label="Library">
          <Mark />
        </Link>
        {opening.state === "loading" && <span className="sk later ed-sk" />}
      </header>
      <div className="ed-banners" />
      <main className="pic pic-wait" id="content" aria-busy={opening.state === "loading"}>
        {opening.state === "failed" && (
          <div className="pic-note">
            {isProblem(opening.error) && opening.error.status === 404 ? (
              <Failure title="There is no such document here.">It may be in the trash, or belong to somebody else.</Failure>
            ) : (
              <Failure title="This document could not be opened." error={opening.error} retry={() => setAttempt(attempt + 1)} />
            )}
          </div>
        )}
      </main>
    </div>
  );
}
