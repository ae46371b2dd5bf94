/** What a canvas holds, as plain data: reading, writing and putting shapes beside others. Pure. */

/** A canvas as documents store it. */
export interface Scene {
  type: string;
  version: number;
  elements: unknown[];
  appState: Record<string, unknown>;
  files: Record<string, unknown>;
}

type Shape = Record<string, unknown>;

/** What of the canvas's view belongs to the document; the rest (zoom, tool, selection) belongs to the screen. */
const KEPT_SETTINGS = ["viewBackgroundColor", "gridSize", "gridStep", "gridModeEnabled"];
const GAP = 80;

export function emptyScene(): Scene {
  return { type: "excalidraw", version: 2, elements: [], appState: { viewBackgroundColor: "transparent" }, files: {} };
}

export function sceneOf(elements: readonly unknown[], settings: object, files: object): Scene {
  const alive = elements.filter((element) => isShape(element) && element["isDeleted"] !== true);
  const used = new Set(alive.map((element) => (isShape(element) ? element["fileId"] : null)));
  return {
    type: "excalidraw",
    version: 2,
    elements: alive,
    appState: Object.fromEntries(Object.entries(settings).filter(([name]) => KEPT_SETTINGS.includes(name))),
    files: Object.fromEntries(Object.entries(files).filter(([id]) => used.has(id))),
  };
}

export function countShapes(scene: Scene | null): number {
  return scene?.elements.filter((element) => isShape(element) && element["isDeleted"] !== true).length ?? 0;
}

/** Both canvases in one: `added` stands right of what is there, with ids of its own. */
export function beside(there: Scene | null, added: Scene, makeId: () => string): Scene {
  if (!there || countShapes(there) === 0) return { ...added, appState: there?.appState ?? added.appState };
  const left = boundsOf(added.elements);
  const right = boundsOf(there.elements);
  const moved = renamed(added.elements.filter(isShape), makeId).map((shape) => ({
    ...shape,
    x: numberOf(shape["x"]) + right.right + GAP - left.left,
    y: numberOf(shape["y"]) + right.top - left.top,
  }));
  return { ...there, elements: [...there.elements, ...moved], files: { ...added.files, ...there.files } };
}

function renamed(shapes: readonly Shape[], makeId: () => string): Shape[] {
  const names = new Map<string, string>();
  for (const shape of shapes) {
    for (const id of [shape["id"], ...listOf(shape["groupIds"])]) {
      if (typeof id === "string" && !names.has(id)) names.set(id, makeId());
    }
  }
  const rename = (value: unknown): unknown => (typeof value === "string" ? (names.get(value) ?? value) : value);
  const binding = (value: unknown): unknown => (isShape(value) ? { ...value, elementId: rename(value["elementId"]) } : value);
  return shapes.map((shape) => {
    // The order's index is made anew by the canvas.
    const { index: _order, ...rest } = shape;
    return {
      ...rest,
      id: rename(shape["id"]),
      groupIds: listOf(shape["groupIds"]).map(rename),
      frameId: rename(shape["frameId"] ?? null),
      ...("containerId" in shape ? { containerId: rename(shape["containerId"]) } : {}),
      ...("startBinding" in shape ? { startBinding: binding(shape["startBinding"]) } : {}),
      ...("endBinding" in shape ? { endBinding: binding(shape["endBinding"]) } : {}),
      boundElements: listOf(shape["boundElements"]).map((one) => (isShape(one) ? { ...one, id: rename(one["id"]) } : one)),
    };
  });
}

interface Bounds {
  left: number;
  top: number;
  right: number;
}

function boundsOf(elements: readonly unknown[]): Bounds {
  const shapes = elements.filter(isShape);
  return {
    left: Math.min(...shapes.map((shape) => numberOf(shape["x"]))),
    top: Math.min(...shapes.map((shape) => numberOf(shape["y"]))),
    right: Math.max(...shapes.map((shape) => numberOf(shape["x"]) + Math.max(0, numberOf(shape["width"])))),
  };
}

/** Read what the server or a file gave; null when it is no canvas. */
export function readScene(value: unknown): Scene | null {
  if (!isShape(value) || !Array.isArray(value["elements"])) return null;
  return {
    type: "excalidraw",
    version: 2,
    elements: value["elements"],
    appState: isShape(value["appState"]) ? value["appState"] : {},
    files: isShape(value["files"]) ? value["files"] : {},
  };
}

function isShape(value: unknown): value is Shape {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const numberOf = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
