/** The drawing of a document: what the repository says, or what the code says, drawn by the server. */
import { PencilRuler } from "lucide-react";
import type { ReactElement, ReactNode, Ref } from "react";
import { Button, Failure } from "../../ui";
import type { RenderedCode } from "../code/useRendered";
import type { Selection } from "./graph";
import { Picture, type PictureHandle } from "./Picture";
import type { ModelPicture } from "./useModelPicture";

export type Source = "model" | "code";

interface DrawingSurfaceProps {
  title: string;
  source: Source;
  sources: readonly Source[];
  onSource: (source: Source) => void;
  model: ModelPicture;
  code: RenderedCode;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
  onOpen: () => void;
  nameOf: (card: string) => string;
  onRetry: () => void;
  /** Turns the drawing into shapes; null when that cannot be done. */
  onEdit: (() => void) | null;
  editing: boolean;
  onWrite: (() => void) | null;
  touch?: boolean;
  handle: Ref<PictureHandle>;
}

export const SOURCES: Record<Source, string> = { model: "From repository", code: "From code" };

export function DrawingSurface(props: DrawingSurfaceProps): ReactElement {
  const { title, source, model, code, onRetry } = props;
  const svg = source === "model" ? model.svg : code.svg;
  const failure = source === "model" ? model.failure : code.failure;
  const tools = props.touch ? null : <Tools {...props} />;
  if (props.sources.length === 0) return <Nothing onWrite={props.onWrite} />;
  if (svg === null) {
    return (
      <Waiting tools={tools}>
        {failure || (source === "code" && code.diagnostics.length > 0) ? (
          <Failure title="This could not be drawn." error={failure} retry={onRetry}>
            {source === "code" ? (code.failure ?? code.diagnostics[0]?.message) : "What you wrote is safe."}
          </Failure>
        ) : (
          <p className="t3 later">Drawing</p>
        )}
      </Waiting>
    );
  }
  return (
    <Picture key={source} svg={svg} label={`Drawing of ${title}`} selection={props.selection} onSelect={props.onSelect} onOpen={props.onOpen} nameOf={props.nameOf} touch={props.touch ?? false} handle={props.handle}>
      {tools}
      {failure !== null && (
        <p className="pic-stale over" role="status">
          This is the last good picture. {failure instanceof Error ? failure.message : String(failure)}{" "}
          <button type="button" className="linkish" onClick={onRetry}>
            Draw again
          </button>
        </p>
      )}
    </Picture>
  );
}

function Tools({ source, sources, onSource, onEdit, editing }: DrawingSurfaceProps): ReactElement {
  return (
    <div className="pic-tools over">
      {sources.length > 1 && (
        <div className="seg" role="group" aria-label="What is drawn">
          {sources.map((one) => (
            <button type="button" key={one} className={one === source ? "on" : undefined} aria-pressed={one === source} onClick={() => onSource(one)}>
              {SOURCES[one]}
            </button>
          ))}
        </div>
      )}
      {onEdit && source === "model" && (
        <Button size="s" icon={PencilRuler} busy={editing} onClick={onEdit}>
          Edit on canvas
        </Button>
      )}
    </div>
  );
}

function Waiting({ tools, children }: { tools: ReactNode; children: ReactNode }): ReactElement {
  return (
    <div className="pic pic-wait">
      {tools}
      <div className="pic-note">{children}</div>
    </div>
  );
}

function Nothing({ onWrite }: { onWrite: (() => void) | null }): ReactElement {
  return (
    <div className="pic pic-wait">
      <div className="empty">
        <h2>Nothing to draw yet</h2>
        <p>Write Mermaid code and it is drawn here while you type, or draw shapes on the canvas.</p>
        {onWrite && (
          <Button kind="primary" onClick={onWrite}>
            Write code
          </Button>
        )}
        {onWrite && (
          <span className="keys">
            <kbd>Alt</kbd>
            <kbd>2</kbd>
          </span>
        )}
      </div>
    </div>
  );
}
