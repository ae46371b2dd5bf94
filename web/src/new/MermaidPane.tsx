/** Paste or type Mermaid and see it drawn. */
import { TriangleAlert } from "lucide-react";
import { useId, useState, type ReactElement } from "react";
import { diagrams } from "../api";
import { Field, Icon, useTheme } from "../ui";
import { Pane } from "./Pane";
import { Picture } from "./Picture";
import { LONGEST_TITLE, useCreate } from "./useCreate";
import { useMermaid } from "./useMermaid";

const EXAMPLE = "flowchart LR\n  web[Storefront] --> api[API gateway]\n  api --> orders[Orders]\n  orders --> db[(orders-db)]\n";

export function MermaidPane({ onClose }: { onClose: () => void }): ReactElement {
  const [title, setTitle] = useState("Untitled diagram");
  const [code, setCode] = useState(EXAMPLE);
  const theme = useTheme();
  const drawn = useMermaid(code, theme);
  const create = useCreate((name) => diagrams.create({ title: name, code }));
  const codeId = useId();
  const [problem] = drawn.problems;

  return (
    <Pane
      hint="The code stays editable beside the drawing."
      action="Create diagram"
      notYet={title.trim() === "" ? "Give the diagram a title first" : code.trim() === "" && "Paste or type code first"}
      busy={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate(title)}
      onClose={onClose}
    >
      <Field label="Title" autoComplete="off" maxLength={LONGEST_TITLE} value={title} onText={setTitle} />
      <div className="find">
        <div className="code-side">
          <label className="find-h b5" htmlFor={codeId}>
            Mermaid
          </label>
          <textarea id={codeId} data-first autoFocus spellCheck={false} autoCapitalize="off" value={code} aria-invalid={problem ? true : undefined} onChange={(event) => setCode(event.target.value)} />
        </div>
        <div className="pre">
          <div className={problem ? "canvas-area last-good" : "canvas-area"}>{drawn.svg && <Picture svg={drawn.svg} label="The code as a drawing" />}</div>
          {(problem || drawn.failure) && (
            <div className="pre-f" role="status">
              <span className="warn">
                <Icon of={TriangleAlert} />
              </span>
              <span>{problem ? `Line ${problem.line}: ${problem.message}` : drawn.failure?.message}</span>
            </div>
          )}
        </div>
      </div>
    </Pane>
  );
}
