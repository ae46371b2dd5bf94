/** A picture from the server, made safe to stand inside the page, and the parts of it that carry ids. */
import DOMPurify from "dompurify";
import { graphOf, type Graph } from "./graph";
import type { Box, Size } from "./viewport";

const LOCAL = /^#/u;
/** A style that reaches outside the picture. */
const REACHES_OUT = /@import|url\(\s*['"]?(?!#)|image-set\(/iu;

const purifier = DOMPurify();
purifier.addHook("uponSanitizeAttribute", (_element, attribute) => {
  const name = attribute.attrName;
  if ((name === "href" || name === "xlink:href") && !LOCAL.test(attribute.attrValue)) attribute.keepAttr = false;
  if (name !== "href" && REACHES_OUT.test(attribute.attrValue)) attribute.keepAttr = false;
});
purifier.addHook("uponSanitizeElement", (node, data) => {
  if (data.tagName === "style" && REACHES_OUT.test(node.textContent ?? "")) node.textContent = "";
});

/** The picture as an element of its own size; null when the text holds no picture. */
export function pictureOf(text: string): SVGSVGElement | null {
  const clean = purifier.sanitize(text, {
    USE_PROFILES: { svg: true, svgFilters: true },
    ADD_TAGS: ["use"],
    FORBID_TAGS: ["a", "animate", "set"],
    RETURN_DOM_FRAGMENT: true,
  });
  const picture = clean.querySelector("svg");
  if (!(picture instanceof SVGSVGElement)) return null;
  const size = sizeOf(picture);
  picture.setAttribute("width", String(size.width));
  picture.setAttribute("height", String(size.height));
  picture.style.maxWidth = "none";
  clearGround(picture);
  return picture;
}

/** The page's own dotted ground shows instead of the picture's plain one. */
function clearGround(picture: SVGSVGElement): void {
  picture.style.removeProperty("background");
  picture.style.removeProperty("background-color");
  const ground = picture.firstElementChild;
  if (ground?.tagName === "rect" && ground.getAttribute("width") === "100%") ground.setAttribute("fill", "none");
}

export function sizeOf(picture: SVGSVGElement): Size {
  const [, , width, height] = (picture.getAttribute("viewBox") ?? "").split(/[\s,]+/u).map(Number);
  if (width && height && width > 0 && height > 0) return { width, height };
  const own = { width: parseFloat(picture.getAttribute("width") ?? ""), height: parseFloat(picture.getAttribute("height") ?? "") };
  return { width: own.width > 0 ? own.width : 800, height: own.height > 0 ? own.height : 600 };
}

/** Cards and lines of a picture that stands in the page, cards from top to bottom within columns left to right. */
export function graphIn(picture: SVGSVGElement): Graph {
  const cards = [...picture.querySelectorAll<SVGGraphicsElement>("[data-node]")].map((element) => {
    const box = element.getBoundingClientRect();
    return { id: element.dataset["node"] ?? "", x: Math.round(box.x / 40), y: box.y };
  });
  cards.sort((a, b) => a.x - b.x || a.y - b.y);
  const edges = [...picture.querySelectorAll<SVGElement>("[data-edge]")].map((element) => element.dataset["edge"] ?? "");
  return graphOf(
    cards.map((card) => card.id),
    edges.filter((edge) => edge !== ""),
  );
}

export function partsOf(picture: ParentNode, kind: "card" | "line", id: string): SVGGraphicsElement[] {
  const name = kind === "card" ? "data-node" : "data-edge";
  const parts = [...picture.querySelectorAll<SVGGraphicsElement>(`[${name}="${CSS.escape(id)}"]`)];
  if (parts.length > 0 || kind === "card") return parts;
  // Relations between the same two cards are drawn as one line, which carries the id of one of them.
  const ends = id.slice(0, id.lastIndexOf("|") + 1);
  return [...picture.querySelectorAll<SVGGraphicsElement>(`[data-edge^="${CSS.escape(ends)}"]`)];
}

/** Where an element is, in the picture's own measure. */
export function boxOf(picture: SVGSVGElement, element: Element, zoom: number): Box {
  const frame = picture.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  return {
    x: (box.x - frame.x) / zoom,
    y: (box.y - frame.y) / zoom,
    width: box.width / zoom,
    height: box.height / zoom,
  };
}

/** What stands under the pointer: the nearest part that carries an id. */
export function selectionAt(target: EventTarget | null): { kind: "card" | "line"; id: string } | null {
  if (!(target instanceof Element)) return null;
  const part = target.closest<SVGElement>("[data-edge], [data-node]");
  if (!part) return null;
  const { node, edge } = part.dataset;
  if (edge) return { kind: "line", id: edge };
  return node ? { kind: "card", id: node } : null;
}
