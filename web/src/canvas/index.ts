/** The canvas: shapes drawn by hand. It knows nothing of the server. */
import { lazy } from "react";

export { beside, countShapes, emptyScene, readScene, type Scene } from "./scene";

export const Canvas = lazy(() => import("./Board"));

export async function drawPicture(scene: import("./scene").Scene): Promise<string | null> {
  const picture = await import("./picture");
  return picture.drawPicture(scene);
}
