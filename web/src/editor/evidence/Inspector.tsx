/** What is known about the selected card or line, with its proof. */
import { ArrowLeft, ArrowRight } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import type { Known, Model, ModelEdge } from "../../api";
import { counted, Icon } from "../../ui";
import type { Selection } from "../drawing/graph";
import { EvidenceCard, KNOWN } from "./EvidenceCard";
import { nameIn, subjectOf, type Relation, type Subject } from "./subject";

interface InspectorProps {
  model: Model;
  selection: Selection | null;
  onSelect: (selection: Selection) => void;
}

export function Inspector({ model, selection, onSelect }: InspectorProps): ReactElement {
  const subject = subjectOf(model, selection);
  return (
    <section className="ins" aria-label="Inspector" id="inspector" tabIndex={-1}>
      {subject ? <Shown key={selection?.id} model={model} subject={subject} onSelect={onSelect} /> : <Overview model={model} />}
      {model.revision && (
        <footer className="ins-f">
          <span className="t3 f12">
            Read at <span className="mono">{model.revision.slice(0, 7)}</span>
          </span>
        </footer>
      )}
    </section>
  );
}

function Shown({ model, subject, onSelect }: { model: Model; subject: Subject; onSelect: (selection: Selection) => void }): ReactElement {
  const evidence = subject.kind === "card" ? subject.node.evidence : subject.evidence;
  return (
    <>
      <header className="ins-h">
        <SubjectTitle model={model} subject={subject} />
        <span className="grow" />
        {subject.kind === "line" && <Certainty known={subject.known} />}
      </header>
      <div className="ins-b">
        {subject.kind === "line" ? <LineFacts edges={subject.edges} /> : <Facts parts={[subject.node.kind, subject.node.technology, subject.node.group]} />}
        <h3 className="ins-s">
          Evidence <span className="cnt">{evidence.length}</span>
        </h3>
        {evidence.map((one, at) => (
          <EvidenceCard evidence={one} key={`${one.file}:${one.line}:${at}`} />
        ))}
        {evidence.length === 0 && <p className="t3 f12">No line of the repository is recorded for this one.</p>}
        {subject.kind === "card" && <Relations title="Calls" relations={subject.calls} onSelect={onSelect} />}
        {subject.kind === "card" && <Relations title="Called by" relations={subject.callers} onSelect={onSelect} back />}
      </div>
    </>
  );
}

export function SubjectTitle({ model, subject }: { model: Model; subject: Subject }): ReactElement {
  if (subject.kind === "card") return <h2 className="trunc">{subject.node.name}</h2>;
  return (
    <h2 className="row ins-t">
      <span className="trunc">{nameIn(model, subject.source)}</span>
      <span className="t3">
        <Icon of={ArrowRight} size={14} />
      </span>
      <span className="hidden-text">to</span>
      <span className="trunc">{nameIn(model, subject.target)}</span>
    </h2>
  );
}

/** Only what is weaker than a proof stands out. */
export function Certainty({ known }: { known: Known }): ReactElement {
  const likely = known === "inferred";
  return (
    <span className={likely ? "bdg warn" : "bdg ok"} title={KNOWN[known]}>
      {likely ? "Inferred" : known === "declared" ? "Declared" : "Certain"}
    </span>
  );
}

function LineFacts({ edges }: { edges: readonly ModelEdge[] }): ReactElement {
  const asked = edges.map((edge) => [edge.protocol, edge.label].filter(Boolean).join(" ")).filter(Boolean);
  const known = [...new Set(edges.map((edge) => KNOWN[edge.known]))].join(", ");
  const places = edges.reduce((sum, edge) => sum + edge.evidence.length, 0);
  const consumes = edges.some((edge) => edge.consumes) ? "consumes" : "";
  return <Facts parts={[[...new Set(asked)].join(", "), consumes, counted(places, "place"), known]} />;
}

function Facts({ parts }: { parts: readonly string[] }): ReactElement {
  const shown = parts.filter(Boolean);
  return (
    <p className="ins-facts f12 t2">
      {shown.map((part, at) => (
        <span key={part}>
          {at > 0 && <span className="t3"> · </span>}
          {part}
        </span>
      ))}
    </p>
  );
}

interface RelationsProps {
  title: string;
  relations: readonly Relation[];
  onSelect: (selection: Selection) => void;
  back?: boolean;
}

function Relations({ title, relations, onSelect, back }: RelationsProps): ReactNode {
  if (relations.length === 0) return null;
  return (
    <>
      <h3 className="ins-s">
        {title} <span className="cnt">{relations.length}</span>
      </h3>
      <ul className="ins-list">
        {relations.map((relation) => (
          <li key={relation.line}>
            <button type="button" className="ins-rel" onClick={() => onSelect({ kind: "line", id: relation.line })}>
              <span className="t3">
                <Icon of={back ? ArrowLeft : ArrowRight} size={14} />
              </span>
              <span className="b5 trunc">{relation.other}</span>
              <span className="t3 f12 trunc">{[relation.edge.protocol, relation.edge.label].filter(Boolean).join(" ")}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Overview({ model }: { model: Model }): ReactElement {
  return (
    <>
      <header className="ins-h">
        <h2 className="trunc">{model.title || "Drawing"}</h2>
      </header>
      <div className="ins-b">
        <Facts parts={[counted(model.nodes.length, "component"), counted(model.edges.length, "relation"), model.unresolved.length > 0 ? `${model.unresolved.length} unresolved` : ""]} />
        <p className="t2">Select a card or a line in the drawing: the file and line that prove it show here.</p>
      </div>
    </>
  );
}
