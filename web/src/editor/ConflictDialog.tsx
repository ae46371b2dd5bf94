/** Two sides of one document: both are shown, one is chosen to go on with, and neither is ever lost. */
import { useMemo, useState, type ReactElement, type ReactNode } from "react";
import type { Document } from "../api";
import { countShapes } from "../canvas";
import { Button, counted, Dialog, exactly } from "../ui";
import { compareLines, countChanges } from "./note/diff";
import type { Session } from "./save/session";
import { useSnapshot } from "./save/useSession";
import { clock } from "./top/SaveLine";

interface ConflictDialogProps {
  session: Session;
  theirs: Document;
  onClose: () => void;
  /** Mine went into a document of its own; `go` when the work goes on there. */
  onCopied: (copy: Document, go: boolean) => void;
}

export function ConflictDialog({ session, theirs, onClose, onCopied }: ConflictDialogProps): ReactElement {
  const { contents } = useSnapshot(session);
  const [busy, setBusy] = useState<"theirs" | "both" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  const copy = async (choice: "theirs" | "both"): Promise<void> => {
    setBusy(choice);
    setFailure(null);
    try {
      onCopied(await session.keepTheirs(), choice === "both");
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : "The copy could not be made.");
      setBusy(null);
    }
  };

  return (
    <Dialog
      title="Saved elsewhere while you worked here"
      size="wide"
      onClose={onClose}
      footer={
        <>
          <span className="t3 f12 grow">Whatever you choose, the other side stays: as a version, or as a document of its own.</span>
          <Button busy={busy === "theirs"} title="Mine becomes a new document; this one shows theirs" onClick={() => void copy("theirs")}>
            Take theirs
          </Button>
          <Button busy={busy === "both"} title="Mine becomes a new document, and it opens" onClick={() => void copy("both")}>
            Go on in a copy
          </Button>
          <Button
            kind="primary"
            title="Saved as the newest version; theirs stays among the versions"
            onClick={() => {
              session.keepMine();
              onClose();
            }}
          >
            Keep mine
          </Button>
        </>
      }
    >
      <div className="dlg-b conf">
        {failure && (
          <p className="bad" role="alert">
            {failure}
          </p>
        )}
        <div className="conf-two conf-head">
          <Side name="Mine" detail="Not saved yet" title={contents.title} />
          <Side name={`Theirs, version ${theirs.version}`} detail={<span title={exactly(theirs.updated_at)}>Saved {clock(theirs.updated_at)}</span>} title={theirs.title} />
        </div>
        <Shapes mine={countShapes(contents.canvas)} theirs={countShapes(theirs.canvas)} same={JSON.stringify(contents.canvas) === JSON.stringify(theirs.canvas)} />
        <Texts name="Code" mine={contents.code} theirs={theirs.code} />
        <Texts name="Note" mine={contents.note} theirs={theirs.note} />
      </div>
    </Dialog>
  );
}

function Side({ name, detail, title }: { name: string; detail: ReactNode; title: string }): ReactElement {
  return (
    <div>
      <p className="f12 t3">
        <b className="b6 t1">{name}</b> · {detail}
      </p>
      <p className="b5 trunc">{title}</p>
    </div>
  );
}

function Shapes({ mine, theirs, same }: { mine: number; theirs: number; same: boolean }): ReactElement {
  return (
    <section>
      <h3>Canvas {same && <span className="t3 f12">the same on both sides</span>}</h3>
      {!same && (
        <div className="conf-two f12 t2">
          <span>{counted(mine, "shape")}</span>
          <span>{counted(theirs, "shape")}</span>
        </div>
      )}
    </section>
  );
}

function Texts({ name, mine, theirs }: { name: string; mine: string; theirs: string }): ReactElement {
  const rows = useMemo(() => compareLines(mine, theirs), [mine, theirs]);
  const changes = countChanges(rows);
  return (
    <section aria-label={name}>
      <h3>
        {name} <span className="t3 f12">{changes === 0 ? "the same on both sides" : counted(changes, "line differs", "lines differ")}</span>
      </h3>
      {changes > 0 && (
        <div className="conf-diff" tabIndex={0} role="group" aria-label={`${name}, mine and theirs side by side`}>
          {rows.map((row, at) => (
            <div className="conf-two" key={at}>
              <Cell text={row.left} changed={row.kind !== "same"} />
              <Cell text={row.right} changed={row.kind !== "same"} />
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

function Cell({ text, changed }: { text: string | null; changed: boolean }): ReactElement {
  if (text === null) return <pre className="none" />;
  return (
    <pre className={changed ? "changed" : undefined}>
      <span className="sign">{changed ? "~" : " "}</span>
      {text || " "}
    </pre>
  );
}
