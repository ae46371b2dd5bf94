/** Marks on a picture that stands in the page: what is selected, under the pointer, or out of focus. */
import { nearby, type Graph, type Selection } from "./graph";
import { boxOf, partsOf } from "./svg";
import type { Box } from "./viewport";

const SVG = "http://www.w3.org/2000/svg";
/** How far from a thin line a press still means the line, in the picture's own pixels. */
const REACH = 12;
const AROUND_CARD = 4;

/** Lines are thin: give each a wide invisible one to press on. */
export function widenLines(picture: SVGSVGElement): void {
  for (const path of picture.querySelectorAll<SVGPathElement>("path[data-edge]")) {
    if (path.getAttribute("fill") !== "none" || isRoute(path)) continue;
    const wide = path.cloneNode() as SVGPathElement;
    for (const name of ["stroke-dasharray", "marker-end", "marker-start", "id", "class", "style"]) wide.removeAttribute(name);
    wide.setAttribute("stroke", "transparent");
    wide.setAttribute("stroke-width", String(REACH));
    wide.setAttribute("pointer-events", "stroke");
    wide.setAttribute("data-reach", "");
    path.after(wide);
  }
}

export function markSelection(picture: SVGSVGElement, selection: Selection | null, zoom: number): void {
  mark(picture, "selected", selection, zoom);
}

export function markHover(picture: SVGSVGElement, selection: Selection | null, zoom: number): void {
  mark(picture, "hovered", selection, zoom);
}

/** Let everything beyond one step fade; null shows all. */
export function markFocus(picture: SVGSVGElement, graph: Graph, selection: Selection | null): void {
  const near = selection ? nearby(graph, selection) : null;
  for (const part of picture.querySelectorAll<SVGElement>("[data-node], [data-edge]")) {
    const { node, edge } = part.dataset;
    const far = near !== null && !(edge ? near.lines.has(edge) : near.cards.has(node ?? ""));
    part.classList.toggle("is-far", far);
  }
}

function mark(picture: SVGSVGElement, name: string, selection: Selection | null, zoom: number): void {
  picture.querySelector(`:scope > g.mark-${name}`)?.remove();
  if (!selection) return;
  const layer = document.createElementNS(SVG, "g");
  layer.setAttribute("class", `mark-${name}`);
  layer.setAttribute("aria-hidden", "true");
  for (const part of partsOf(picture, selection.kind, selection.id)) {
    if (part.hasAttribute("data-reach")) continue;
    const strokes = part instanceof SVGPathElement ? [part] : selection.kind === "line" ? [...part.querySelectorAll("path")] : [];
    const drawn = strokes.filter((path) => path.getAttribute("stroke") !== "transparent" || isRoute(path));
    if (drawn.length > 0) drawn.forEach((path) => layer.append(again(picture, path, zoom)));
    else layer.append(frame(boxOf(picture, part, zoom)));
  }
  picture.append(layer);
}

/** The server draws lines that share a way as one, and gives each relation its whole way invisibly, to press on. */
function isRoute(path: SVGPathElement): boolean {
  return path.classList.contains("hit");
}

/** The same path once more, where it stands, in the colour of the mark. */
function again(picture: SVGSVGElement, path: SVGPathElement, zoom: number): SVGElement {
  const copy = document.createElementNS(SVG, "path");
  copy.setAttribute("d", path.getAttribute("d") ?? "");
  const filled = path.getAttribute("fill") !== "none" && path.getAttribute("fill") !== null;
  copy.setAttribute("class", filled ? "mark-fill" : "mark-line");
  const own = path.getScreenCTM();
  const root = picture.getBoundingClientRect();
  if (own) {
    const [x, y] = [(own.e - root.x) / zoom, (own.f - root.y) / zoom];
    copy.setAttribute("transform", `matrix(${own.a / zoom} ${own.b / zoom} ${own.c / zoom} ${own.d / zoom} ${x} ${y})`);
  }
  return copy;
}

function frame(box: Box): SVGElement {
  const rect = document.createElementNS(SVG, "rect");
  const values = { x: box.x - AROUND_CARD, y: box.y - AROUND_CARD, width: box.width + 2 * AROUND_CARD, height: box.height + 2 * AROUND_CARD, rx: 12 };
  for (const [name, value] of Object.entries(values)) rect.setAttribute(name, String(value));
  rect.setAttribute("class", "mark-frame");
  return rect;
}
