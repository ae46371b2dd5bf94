/** An empty place: what will be here, one action, the keys. */
import { Plus, Search, X } from "lucide-react";
import type { ReactElement } from "react";
import { Button, Icon } from "../ui";
import { EmptyDrawing } from "../ui/EmptyDrawing";
import type { Place } from "./usePages";

interface EmptyProps {
  place: Place;
  q: string;
  /** Why this person makes no documents; undefined for those who do. */
  noNew: string | undefined;
  onNew: () => void;
  onClear: () => void;
}

export function Empty({ place, q, noNew, onNew, onClear }: EmptyProps): ReactElement {
  const mayCreate = noNew === undefined;
  if (q) {
    return (
      <Frame mayCreate={mayCreate} title={`No title contains “${q}”`} text="The search looks at titles of all your documents.">
        <Button icon={X} onClick={onClear}>
          Clear the search
        </Button>
      </Frame>
    );
  }
  if (place === "trash") {
    return <Frame mayCreate={mayCreate} title="The trash is empty" text="A document that you move to the trash stays here and can be restored." />;
  }
  if (noNew) return <Frame mayCreate={false} title="No documents yet" text={noNew} />;
  return (
    <Frame mayCreate title="No documents yet" text="Point AutoGraph at a repository and it draws the architecture, each edge with the line that proves it. Or start with an empty canvas.">
      <Button icon={Plus} onClick={onNew}>
        New document
      </Button>
    </Frame>
  );
}

function Frame({ title, text, mayCreate, children }: { title: string; text: string; mayCreate: boolean; children?: ReactElement }): ReactElement {
  return (
    <div className="empty">
      <EmptyDrawing />
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
      <p className="keys with-keys">
        {mayCreate ? (
          <>
            Press <kbd>N</kbd> to create, <kbd>/</kbd> to search
          </>
        ) : (
          <>
            Press <kbd>/</kbd> to search
          </>
        )}
      </p>
      <p className="keys for-touch">
        {mayCreate && (
          <>
            <Icon of={Plus} size={14} /> creates,
          </>
        )}
        <Icon of={Search} size={14} /> searches
      </p>
    </div>
  );
}
