/** New document: choose a way at the left, say what is needed at the right. */
import { Code, GitBranch, Square, Upload, type LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import { Dialog, Icon } from "../ui";
import { BlankPane } from "./BlankPane";
import { FilePane } from "./FilePane";
import { MermaidPane } from "./MermaidPane";
import "./new.css";
import { RepositoryPane } from "./RepositoryPane";

interface Way {
  kind: string;
  icon: LucideIcon;
  name: string;
  about: string;
  Pane: (props: { onClose: () => void }) => ReactElement;
}

const REPOSITORY: Way = { kind: "repository", icon: GitBranch, name: "From a repository", about: "Draws itself from code", Pane: RepositoryPane };
const WAYS: readonly Way[] = [
  { kind: "blank", icon: Square, name: "Blank canvas", about: "Draw freely", Pane: BlankPane },
  REPOSITORY,
  { kind: "mermaid", icon: Code, name: "From Mermaid", about: "Paste or type code", Pane: MermaidPane },
  { kind: "file", icon: Upload, name: "Import a file", about: ".excalidraw, .mmd, .md", Pane: FilePane },
];

interface NewDocumentProps {
  kind: string;
  onKind: (kind: string) => void;
  onClose: () => void;
}

export function NewDocument({ kind, onKind, onClose }: NewDocumentProps): ReactElement {
  const chosen = WAYS.find((way) => way.kind === kind) ?? REPOSITORY;
  return (
    <Dialog title="New document" size="wide" onClose={onClose}>
      <div className="nd-b">
        <nav className="nd-n" aria-label="Ways to make a document">
          {WAYS.map(({ kind: one, icon, name, about }) => (
            <button key={one} type="button" className={one === chosen.kind ? "on" : ""} aria-current={one === chosen.kind ? "true" : undefined} onClick={() => onKind(one)}>
              <Icon of={icon} />
              <span>
                <b>{name}</b>
                <small>{about}</small>
              </span>
            </button>
          ))}
        </nav>
        <chosen.Pane key={chosen.kind} onClose={onClose} />
      </div>
    </Dialog>
  );
}
