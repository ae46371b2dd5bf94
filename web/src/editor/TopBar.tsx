/** The bar above the editor: where this is, how saving stands, which surface shows, versions and downloads. */
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";
import type { Document } from "../api";
import { Mark } from "../ui";
import type { Session, Snapshot } from "./save/session";
import type { Surface } from "./Surfaces";
import { ExportMenu } from "./top/ExportMenu";
import { SaveLine } from "./top/SaveLine";
import { Title } from "./top/Title";
import { Versions } from "./top/Versions";

interface TopBarProps {
  session: Session;
  snapshot: Snapshot;
  title: string;
  readOnly: boolean;
  surface: Surface;
  onSurface: (surface: Surface) => void;
  viewing: number | null;
  onView: (document: Document | null) => void;
  onConflict: () => void;
  children: ReactNode;
}

const SURFACES: readonly { surface: Surface; label: string; keys: string }[] = [
  { surface: "drawing", label: "Drawing", keys: "Alt 0" },
  { surface: "canvas", label: "Canvas", keys: "Alt 1" },
];

export function TopBar(props: TopBarProps): ReactElement {
  const { session, snapshot, surface } = props;
  return (
    <header className="et">
      <Link href="/" className="ib" aria-label="Library" title="Library">
        <Mark />
      </Link>
      <Title title={props.title} readOnly={props.readOnly} onChange={(title) => session.change("title", title)} />
      <span className="vdiv" />
      <SaveLine state={snapshot.state} onRetry={() => void session.saveNow()} onConflict={props.onConflict} />
      <span className="grow" />
      <div className="seg" role="group" aria-label="Surface">
        {SURFACES.map((one) => (
          <button type="button" key={one.surface} className={one.surface === surface ? "on" : undefined} aria-pressed={one.surface === surface} title={one.keys} onClick={() => props.onSurface(one.surface)}>
            {one.label}
          </button>
        ))}
      </div>
      <span className="vdiv" />
      <Versions documentId={session.id} version={snapshot.state.version} viewing={props.viewing} onView={props.onView} />
      <ExportMenu documentId={session.id} hasModel={snapshot.model !== null} hasCode={snapshot.contents.code.trim() !== ""} saveFirst={() => session.saveNow()} />
      {props.children}
    </header>
  );
}
