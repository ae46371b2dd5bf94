/** A canvas as a picture: what the screen shows, as SVG with its fonts inside. */
import "./assets";
import type { AppState, BinaryFiles, ExcalidrawInitialDataState } from "@excalidraw/excalidraw/types";
import { countShapes, type Scene } from "./scene";

const PADDING = 16;

/** SVG text, or null when there is nothing to draw. */
export async function drawPicture(scene: Scene): Promise<string | null> {
  if (countShapes(scene) === 0) return null;
  const { exportToSvg, restoreElements, getNonDeletedElements } = await import("@excalidraw/excalidraw");
  const elements = restoreElements(scene.elements as ExcalidrawInitialDataState["elements"], null);
  const picture = await exportToSvg({
    elements: getNonDeletedElements(elements),
    appState: { exportBackground: false, exportEmbedScene: false, ...(scene.appState as Partial<AppState>) },
    files: scene.files as BinaryFiles,
    exportPadding: PADDING,
    renderEmbeddables: false,
  });
  return new XMLSerializer().serializeToString(picture);
}
