/** What is to become of the documents of somebody who leaves: it must be said. */
import { useId, type ReactElement, type ReactNode } from "react";

/** Not said yet; removed for good; or given to whoever has this id, empty until somebody is chosen. */
export type Fate = undefined | null | string;

interface DocumentsToProps {
  fate: Fate;
  heirs: readonly (readonly [id: string, name: string])[];
  /** Stands before the list of those who may get them. */
  find?: ReactNode;
  fault?: string | undefined;
  nobody: string;
  onFate: (fate: Fate) => void;
}

export function DocumentsTo({ fate, heirs, find, fault, nobody, onFate }: DocumentsToProps): ReactElement {
  const name = useId();
  const gives = typeof fate === "string";
  return (
    <fieldset className="st-choices" aria-describedby={fault && `${name}-fault`}>
      <legend>Documents</legend>
      <label>
        <input type="radio" name={name} checked={gives} disabled={heirs.length === 0 && !find} onChange={() => onFate("")} />
        <span>
          <span className="b5">Give them to somebody</span>
          <span className="t3 f12">{heirs.length === 0 && !find ? nobody : "With every version."}</span>
        </span>
      </label>
      {gives && (
        <div className="st-indent">
          {find}
          <select className="select" aria-label="Who gets the documents" value={fate} onChange={(event) => onFate(event.target.value)}>
            <option value="">Choose somebody</option>
            {heirs.map(([id, text]) => (
              <option key={id} value={id}>
                {text}
              </option>
            ))}
          </select>
        </div>
      )}
      <label>
        <input type="radio" name={name} checked={fate === null} onChange={() => onFate(null)} />
        <span>
          <span className="b5">Remove them for good</span>
          <span className="t3 f12">Every version, and what is in the trash.</span>
        </span>
      </label>
      {fault && (
        <span className="fault" id={`${name}-fault`} role="alert">
          {fault}
        </span>
      )}
    </fieldset>
  );
}
