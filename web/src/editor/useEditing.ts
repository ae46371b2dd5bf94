/** The use cases around a document that is being edited: older versions, shapes from the drawing, restoring. */
import { useState } from "react";
import { diagrams, drawing, type Document } from "../api";
import { beside, countShapes, readScene, type Scene } from "../canvas";
import { say, sayFailure } from "../ui";
import { newId } from "./save/kept";
import type { Session } from "./save/session";

export interface ShapesOffer {
  scene: Scene;
  /** How many shapes the canvas has already. */
  there: number;
}

export interface Editing {
  viewing: Document | null;
  view: (document: Document | null) => void;
  restore: () => Promise<void>;
  restoring: boolean;
  /** Fetch the drawing as shapes; puts them on an empty canvas at once. */
  edit: () => Promise<void>;
  editing: boolean;
  offer: ShapesOffer | null;
  answer: (choice: "beside" | "replace" | "leave") => void;
}

export function useEditing(session: Session, onCanvas: () => void): Editing {
  const [viewing, view] = useState<Document | null>(null);
  const [restoring, setRestoring] = useState(false);
  const [editing, setEditing] = useState(false);
  const [offer, setOffer] = useState<ShapesOffer | null>(null);

  const restore = async (): Promise<void> => {
    if (!viewing) return;
    setRestoring(true);
    try {
      if (!(await session.saveNow())) throw new Error("The last changes are not saved yet. Save them first, then restore.");
      const number = viewing.version;
      await diagrams.restoreVersion(session.id, number, session.read().state.version);
      session.replace(await diagrams.get(session.id));
      view(null);
      say(`Version ${number} is restored as the newest one.`);
    } catch (failure) {
      sayFailure(failure instanceof Error ? failure.message : "This version could not be restored.");
    } finally {
      setRestoring(false);
    }
  };

  const edit = async (): Promise<void> => {
    setEditing(true);
    try {
      const scene = readScene(await drawing.shapes(session.id));
      if (!scene) throw new Error("The server gave no shapes for this drawing.");
      const there = countShapes(session.read().contents.canvas);
      if (there > 0) setOffer({ scene, there });
      else place(scene);
    } catch (failure) {
      sayFailure(failure instanceof Error ? failure.message : "The drawing could not be turned into shapes.");
    } finally {
      setEditing(false);
    }
  };

  const place = (scene: Scene): void => {
    session.adopt({ canvas: scene });
    onCanvas();
  };

  const answer = (choice: "beside" | "replace" | "leave"): void => {
    setOffer(null);
    if (!offer || choice === "leave") return;
    const { canvas } = session.read().contents;
    place(choice === "replace" ? { ...offer.scene, appState: canvas?.appState ?? offer.scene.appState } : beside(canvas, offer.scene, newId));
  };

  return { viewing, view, restore, restoring, edit, editing, offer, answer };
}
