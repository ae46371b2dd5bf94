/** What fills the page: the drawing or the canvas, with the unresolved list docked below. */
import { Suspense, type ReactElement } from "react";
import type { Document, DrawingTheme, Model } from "../api";
import { Canvas } from "../canvas";
import { DrawingSurface } from "./drawing/DrawingSurface";
import { Unresolved } from "./evidence/Unresolved";
import type { Session, Snapshot } from "./save/session";

export type Surface = "drawing" | "canvas";

interface SurfacesProps {
  session: Session;
  snapshot: Snapshot;
  /** An older version that is being read. */
  older: Document | null;
  surface: Surface;
  theme: DrawingTheme;
  model: Model | null;
  unresolvedOpen: boolean;
  onUnresolved: () => void;
  onShow: (card: string) => void;
  drawing: Parameters<typeof DrawingSurface>[0];
}

export function Surfaces({ session, snapshot, older, surface, theme, model, unresolvedOpen, onUnresolved, onShow, drawing }: SurfacesProps): ReactElement {
  const canvas = older ? older.canvas : snapshot.contents.canvas;
  return (
    <main className="cv-col" id="content">
      <div className="cv">
        {surface === "drawing" ? (
          <DrawingSurface {...drawing} />
        ) : (
          <Suspense fallback={<p className="pic-note t3 later">Opening the canvas</p>}>
            <Canvas key={older ? `v${older.version}` : `e${snapshot.epochs.canvas}`} initial={canvas} theme={theme} readOnly={older !== null} onChange={(scene) => session.change("canvas", scene)} />
          </Suspense>
        )}
      </div>
      {surface === "drawing" && model && <Unresolved model={model} open={unresolvedOpen} onToggle={onUnresolved} onShow={onShow} />}
    </main>
  );
}
