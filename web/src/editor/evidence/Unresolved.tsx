/** What the reading could not settle: calls without a proven target, and files that were not read. */
import { ChevronDown, ChevronRight, FileX, TriangleAlert } from "lucide-react";
import { useState, type ReactElement } from "react";
import type { Model, Unresolved as Reference } from "../../api";
import { Icon } from "../../ui";
import { Place, Snippet } from "./EvidenceCard";
import { nameIn } from "./subject";

interface UnresolvedProps {
  model: Model;
  open: boolean;
  onToggle: () => void;
  onShow: (card: string) => void;
}

export function Unresolved({ model, open, onToggle, onShow }: UnresolvedProps): ReactElement | null {
  const [shown, show] = useState<number | null>(null);
  const { unresolved, skipped } = model;
  if (unresolved.length + skipped.length === 0) return null;
  return (
    <section className="unr" aria-label="Unresolved">
      <header className="unr-h">
        <button type="button" className="unr-toggle" aria-expanded={open} aria-controls="unresolved-list" title="Show or hide (Alt U)" onClick={onToggle}>
          <Icon of={open ? ChevronDown : ChevronRight} size={14} />
          <h2>Unresolved</h2>
        </button>
        {unresolved.length > 0 && <span className="bdg warn">{unresolved.length}</span>}
        {skipped.length > 0 && <span className="bdg">{skipped.length} not read</span>}
        <span className="t3 f12 trunc">Calls whose target cannot be read from code. Nothing is drawn for them.</span>
      </header>
      {open && (
        <ul id="unresolved-list" className="unr-list" tabIndex={-1}>
          {unresolved.map((one, at) => (
            <li key={`${one.evidence.file}:${one.evidence.line}:${one.reference}:${at}`}>
              <Row reference={one} name={nameIn(model, one.source)} open={shown === at} onToggle={() => { show(shown === at ? null : at); onShow(one.source); }} />
              {shown === at && one.evidence.snippet && (
                <div className="ev unr-proof">
                  <Snippet evidence={one.evidence} />
                </div>
              )}
            </li>
          ))}
          {skipped.map((one) => (
            <li key={one.file}>
              <div className="unr-row">
                <span className="t3">
                  <Icon of={FileX} size={14} />
                </span>
                <span className="t3">Not read</span>
                <Place file={one.file} />
                <span className="t2 f12 trunc" title={one.reason}>{one.reason}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ reference, name, open, onToggle }: { reference: Reference; name: string; open: boolean; onToggle: () => void }): ReactElement {
  return (
    <button type="button" className="unr-row" aria-expanded={open} onClick={onToggle}>
      <span className="warn">
        <Icon of={TriangleAlert} size={14} />
      </span>
      <span className="b5 trunc">{name}</span>
      <Place file={reference.evidence.file} line={reference.evidence.line} />
      <span className="t2 f12 trunc" title={reference.reason}>
        {reference.reason}
        {reference.reference && (
          <>
            {": "}
            <span className="mono">{reference.reference}</span>
          </>
        )}
      </span>
    </button>
  );
}
