/** A document on a phone: to be looked at, with its evidence in a sheet from below. */
import { ChevronLeft } from "lucide-react";
import { useState, type ReactElement } from "react";
import { Link } from "wouter";
import type { DrawingTheme, Evidence } from "../api";
import { ago, counted, Icon } from "../ui";
import { DrawingSurface } from "./drawing/DrawingSurface";
import { EvidenceCard } from "./evidence/EvidenceCard";
import { SubjectTitle } from "./evidence/Inspector";
import { subjectOf, type Subject } from "./evidence/subject";
import { Page } from "./note/NotePanel";
import type { Contents } from "./save/kept";
import type { Session } from "./save/session";
import { useSnapshot } from "./save/useSession";
import type { Model } from "../api";
import { wordsOf } from "./top/SaveLine";
import { isUnsaved, shown } from "./save/machine";

type Drawing = Omit<Parameters<typeof DrawingSurface>[0], "onEdit" | "editing" | "onWrite">;
type Sight = "drawing" | "canvas" | "note";
const SIGHTS: Record<Sight, string> = { drawing: "Drawing", canvas: "Canvas", note: "Note" };

interface PhoneViewerProps {
  session: Session;
  document: Contents & { model: Model | null };
  theme: DrawingTheme;
  drawing: Drawing;
}

export function PhoneViewer({ session, document, drawing }: PhoneViewerProps): ReactElement {
  const { state } = useSnapshot(session);
  const sights = sightsOf(document);
  const [chosen, choose] = useState<Sight | null>(null);
  const sight = chosen ?? sights[0] ?? "drawing";
  const subject = document.model && sight === "drawing" && drawing.source === "model" ? subjectOf(document.model, drawing.selection) : null;
  return (
    <div className="ph">
      <header className="ph-t">
        <Link href="/" className="ib t" aria-label="Back to the library">
          <Icon of={ChevronLeft} size={20} />
        </Link>
        <div className="grow">
          <h1 className="trunc">{document.title}</h1>
          <p className="f12 t3 trunc">View only · {isUnsaved(state) ? wordsOf(shown(state)) : `saved ${ago(state.savedAt)}`}</p>
        </div>
      </header>
      {sights.length > 1 && (
        <div className="seg ph-seg" role="group" aria-label="What is shown">
          {sights.map((one) => (
            <button type="button" key={one} className={one === sight ? "on" : undefined} aria-pressed={one === sight} onClick={() => choose(one)}>
              {SIGHTS[one]}
            </button>
          ))}
        </div>
      )}
      <main className="ph-b" id="content">
        {sight === "drawing" && <DrawingSurface {...drawing} onEdit={null} editing={false} onWrite={null} touch />}
        {sight === "canvas" && <img className="ph-canvas" src={`/api/diagrams/${encodeURIComponent(session.id)}/picture?v=${state.version}`} alt={`Canvas of ${document.title}`} />}
        {sight === "note" && <Page note={document.note} readOnly onChange={() => undefined} />}
      </main>
      {subject && document.model && <Sheet subject={subject} model={document.model} onClose={() => drawing.onSelect(null)} />}
    </div>
  );
}

function sightsOf(document: Contents & { model: Model | null }): Sight[] {
  const sights: Sight[] = [];
  if (document.model || document.code.trim()) sights.push("drawing");
  if ((document.canvas?.elements.length ?? 0) > 0) sights.push("canvas");
  if (document.note.trim()) sights.push("note");
  return sights;
}

function Sheet({ subject, model, onClose }: { subject: Subject; model: Model; onClose: () => void }): ReactElement {
  const evidence: Evidence[] = subject.kind === "card" ? subject.node.evidence : subject.evidence;
  const facts =
    subject.kind === "card"
      ? [subject.node.kind, subject.node.technology, counted(subject.calls.length, "call"), counted(subject.callers.length, "caller")]
      : subject.edges.map((edge) => [edge.protocol, edge.label].filter(Boolean).join(" "));
  return (
    <section className="sheet" aria-label="Evidence">
      <button type="button" className="sheet-grip" aria-label="Close" onClick={onClose} />
      <div className="row">
        <SubjectTitle model={model} subject={subject} />
        <span className="grow" />
        <span className={evidence.length > 0 ? "bdg ok" : "bdg"}>Evidence {evidence.length}</span>
      </div>
      <p className="t2">{[...new Set(facts.filter(Boolean))].join(" · ")}</p>
      <div className="sheet-b">
        {evidence.map((one, at) => (
          <EvidenceCard evidence={one} key={`${one.file}:${one.line}:${at}`} />
        ))}
      </div>
    </section>
  );
}
