/** Where the parts of the service map stand, and how the lines between them run. Pure, so that it can be tested. */
import type { ServiceMap } from "../../api";

export type Edge = ServiceMap["edges"][number];
type Call = Pick<Edge, "source" | "target" | "rate">;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Route<E extends Call = Edge> {
  edge: E;
  path: string;
  /** Where its figures stand: above and below the line, or beside it where it runs down. */
  label: { x: number; y: number; anchor: "start" | "end" };
}

export interface Layout<E extends Call = Edge> {
  boxes: Map<string, Box>;
  routes: Route<E>[];
  width: number;
  height: number;
}

const WIDTH = 104;
const LEAST_HEIGHT = 40;
/** Two lines of figures and the air between them and the next ones. */
const PORT = 32;
const ROW_GAP = 16;
const EDGE_OF_MAP = 8;
const TRUNK = 14;
const DOWN = 16;
/** Twelve letters and the arrow: "9.9% · 227ms". */
const LABEL = 88;
const BRACKET = 10;
const CORNER = 8;
const FAILING = 0.05;

/**
 * The layer of each part: one after its nearest caller. What is called and calls nobody, as stores do, stands last; what
 * has nothing to do with others stands before that.
 */
export function layersOf(ids: readonly string[], edges: readonly Pick<Call, "source" | "target">[]): string[][] {
  const calls = edges.filter(({ source, target }) => source !== target);
  const joined = new Set(calls.flatMap(({ source, target }) => [source, target]));
  const called = new Set(calls.map(({ target }) => target));
  const connected = ids.filter((id) => joined.has(id));
  const left = new Set(connected);
  const layers: string[][] = [];
  const sources = connected.filter((id) => !called.has(id));
  let current = sources.length > 0 ? sources : connected.slice(0, 1);
  while (current.length > 0) {
    layers.push(current);
    current.forEach((id) => left.delete(id));
    const here = new Set(current);
    const next = calls.filter(({ source, target }) => here.has(source) && left.has(target)).map(({ target }) => target);
    current = next.length > 0 ? [...new Set(next)] : [...left].slice(0, 1);
  }
  const callers = new Set(calls.map(({ source }) => source));
  const isLast = (id: string) => called.has(id) && !callers.has(id);
  const ordered = [...layers.map((layer) => layer.filter((id) => !isLast(id))), connected.filter(isLast)].filter((layer) => layer.length > 0);
  const lonely = ids.filter((id) => !joined.has(id));
  const before = ordered.at(-2) ?? ordered.at(-1);
  if (lonely.length > 0) before ? before.push(...lonely) : ordered.push(lonely);
  return ordered;
}

/** Columns from left to right; a single caller of a single part stands above it. */
function columnsOf(layers: readonly (readonly string[])[]): string[][] {
  const [first, second, ...rest] = layers;
  if (first?.length === 1 && second?.length === 1) return [[...first, ...second], ...rest.map((layer) => [...layer])];
  return layers.map((layer) => [...layer]);
}

/** A line with the columns it leaves and reaches, and whether it runs down to the part below. */
interface End<E extends Call> {
  edge: E;
  from: number;
  to: number;
  isDown: boolean;
}

type Where = "source" | "target";

/** The places at the sides of a part where lines meet it, from above; lines without figures there share one. */
type Slots = Map<string, string[]>;

export function layoutOf<E extends Call>(ids: readonly string[], edges: readonly E[]): Layout<E> {
  const columns = columnsOf(layersOf(ids, edges));
  const columnOf = new Map(columns.flatMap((column, index) => column.map((id) => [id, index] as const)));
  const top = isStacked(columns, edges) ? columns[0]?.[0] : undefined;
  const ends = edges.flatMap((edge): End<E>[] => {
    const from = columnOf.get(edge.source);
    const to = columnOf.get(edge.target);
    if (edge.source === edge.target || from === undefined || to === undefined) return [];
    return [{ edge, from, to, isDown: from === to && edge.source === top }];
  });
  const slots = slotsOf(ends);
  const boxes = boxesOf(columns, ends, slots, top);
  const all = [...boxes.values()];
  const floor = Math.max(0, ...all.map(({ y, height }) => y + height)) + ROW_GAP;
  const aside = bracketsOf(ends, columns.length - 1);
  return {
    boxes,
    routes: routesOf(ends, slots, boxes, floor),
    width: Math.max(0, ...all.map(({ x }) => x + WIDTH)) + EDGE_OF_MAP + (aside > 0 ? LABEL + aside * BRACKET : 0),
    height: floor + ends.filter(({ from, to }) => Math.abs(to - from) > 1).length * PORT,
  };
}

function isStacked(columns: readonly string[][], edges: readonly Call[]): boolean {
  const [first, second] = columns[0] ?? [];
  return columns[0]?.length === 2 && edges.some(({ source, target }) => source === first && target === second);
}

/** How many trunks the lines between parts of a column need: one a target. */
function bracketsOf<E extends Call>(ends: readonly End<E>[], column: number): number {
  return new Set(ends.filter(({ from, to, isDown }) => !isDown && from === to && from === column).map(({ edge }) => edge.target)).size;
}

function sideOf<E extends Call>({ edge, from, to }: End<E>, where: Where): string {
  const isRight = from === to || (where === "source") === from < to;
  return `${edge[where]} ${isRight ? "right" : "left"}`;
}

/**
 * Where the figures of each line stand. Those between two columns all stand at one side, or they would meet: where the
 * lines do not come together. A line over several columns has them below, where it runs alone.
 */
function placed<E extends Call>(ends: readonly End<E>[]): (end: End<E>) => Where | "lane" {
  const most = new Map<string, number>();
  const lines = new Map<string, number>();
  const count = (gap: number, side: "left" | "right", id: string) => {
    const known = (lines.get(`${gap} ${side} ${id}`) ?? 0) + 1;
    lines.set(`${gap} ${side} ${id}`, known);
    most.set(`${gap} ${side}`, Math.max(most.get(`${gap} ${side}`) ?? 0, known));
  };
  for (const { edge, from, to } of ends) {
    if (Math.abs(to - from) !== 1) continue;
    const gap = Math.min(from, to);
    count(gap, "left", from < to ? edge.source : edge.target);
    count(gap, "right", from < to ? edge.target : edge.source);
  }
  const bracketed = new Set(ends.filter(({ from, to, isDown }) => from === to && !isDown).map(({ from }) => from));
  return ({ from, to }) => {
    if (from === to) return "source";
    if (Math.abs(to - from) > 1) return "lane";
    const gap = Math.min(from, to);
    const atLeft = bracketed.has(gap) || (most.get(`${gap} left`) ?? 0) <= (most.get(`${gap} right`) ?? 0);
    return atLeft === from < to ? "source" : "target";
  };
}

/** A line with figures has a place of its own where they stand; all others share one, coming and going apart. */
function slotName<E extends Call>(end: End<E>, where: Where, at: Where | "lane"): string {
  if (where === at && end.edge.rate !== null) return `${end.edge.source} ${end.edge.target} ${end.from === end.to}`;
  return where === "target" && end.from === end.to ? "bracket" : `trunk ${where}`;
}

function slotsOf<E extends Call>(ends: readonly End<E>[]): Slots {
  const at = placed(ends);
  const slots: Slots = new Map();
  for (const end of ends) {
    if (end.isDown) continue;
    for (const where of ["source", "target"] as const) {
      const side = sideOf(end, where);
      const name = slotName(end, where, at(end));
      const known = slots.get(side) ?? [];
      if (!known.includes(name)) slots.set(side, [...known, name]);
    }
  }
  return slots;
}

function boxesOf<E extends Call>(columns: readonly string[][], ends: readonly End<E>[], slots: Slots, top: string | undefined): Map<string, Box> {
  const heightOf = (id: string) => Math.max(LEAST_HEIGHT, PORT * Math.max(slots.get(`${id} left`)?.length ?? 0, slots.get(`${id} right`)?.length ?? 0));
  const tall = columns.map((column) => column.reduce((sum, id) => sum + heightOf(id) + ROW_GAP, -ROW_GAP));
  const most = Math.max(LEAST_HEIGHT, ...tall);
  const boxes = new Map<string, Box>();
  let x = EDGE_OF_MAP;
  columns.forEach((column, index) => {
    let y = EDGE_OF_MAP + (most - (tall[index] ?? 0)) / 2;
    for (const id of column) {
      const height = heightOf(id);
      // What stands above its only callee stands at the top, the callee in the middle as it would alone.
      const below = Math.max(EDGE_OF_MAP + (most - height) / 2, EDGE_OF_MAP + LEAST_HEIGHT + 2 * PORT);
      const own = top === undefined || index > 0 ? y : id === top ? EDGE_OF_MAP : below;
      boxes.set(id, { x, y: own, width: WIDTH, height });
      y += height + ROW_GAP;
    }
    x += WIDTH + TRUNK + LABEL + bracketsOf(ends, index) * BRACKET;
  });
  return boxes;
}

function routesOf<E extends Call>(ends: readonly End<E>[], slots: Slots, boxes: Map<string, Box>, floor: number): Route<E>[] {
  const at = placed(ends);
  const trunks = new Map<string, number>();
  let lane = 0;
  return ends.flatMap((end): Route<E>[] => {
    const { edge, from, to } = end;
    const [source, target] = [boxes.get(edge.source), boxes.get(edge.target)];
    if (!source || !target) return [];
    if (end.isDown) return [runDown(edge, source, target)];
    const here = at(end);
    const y1 = heightAt(source, slots.get(sideOf(end, "source")), slotName(end, "source", here));
    const y2 = heightAt(target, slots.get(sideOf(end, "target")), slotName(end, "target", here));
    if (from === to) {
      const known = `${from} ${edge.target}`;
      if (!trunks.has(known)) trunks.set(known, [...trunks.keys()].filter((key) => key.startsWith(`${from} `)).length);
      const x = source.x + WIDTH + LABEL + (trunks.get(known) ?? 0) * BRACKET;
      return [{ edge, path: rounded([[source.x + WIDTH, y1], [x, y1], [x, y2], [target.x + WIDTH, y2]]), label: { x: source.x + WIDTH + 6, y: y1, anchor: "start" } }];
    }
    const way = from < to ? 1 : -1;
    const [x1, x2] = way > 0 ? [source.x + WIDTH, target.x] : [source.x, target.x + WIDTH];
    const isFar = Math.abs(to - from) > 1;
    const y = floor + (isFar ? lane++ * PORT : 0);
    const [near, far] = [x1 + way * TRUNK, x2 - way * TRUNK];
    if (isFar) {
      const path = rounded([[x1, y1], [near, y1], [near, y], [far, y], [far, y2], [x2, y2]]);
      return [{ edge, path, label: { x: near + way * 8, y, anchor: way > 0 ? "start" : "end" } }];
    }
    const turn = here === "target" ? near : far;
    const path = rounded([[x1, y1], [turn, y1], [turn, y2], [x2, y2]]);
    const isAtRight = (here === "target") === way > 0;
    const label = { x: here === "target" ? x2 - way * 10 : x1 + way * 6, y: here === "target" ? y2 : y1, anchor: isAtRight ? ("end" as const) : ("start" as const) };
    return [{ edge, path, label }];
  });
}

function runDown<E extends Call>(edge: E, from: Box, to: Box): Route<E> {
  // Near the left edge, so that its figures end before the trunk at the right.
  const x = from.x + DOWN;
  return { edge, path: `M${x} ${from.y + from.height}V${to.y}`, label: { x: x + 6, y: (from.y + from.height + to.y) / 2, anchor: "start" } };
}

function heightAt(box: Box, side: readonly string[] | undefined, name: string): number {
  const names = side ?? [];
  const step = box.height / Math.max(1, names.length);
  return box.y + step * (Math.max(0, names.indexOf(name)) + 0.5);
}

/** A path along right angles whose corners are rounded. */
export function rounded(points: readonly (readonly [number, number])[]): string {
  let path = "";
  points.forEach(([x, y], index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before) return void (path += `M${x} ${y}`);
    if (!after) return void (path += `L${x} ${y}`);
    const into = Math.hypot(x - before[0], y - before[1]);
    const out = Math.hypot(after[0] - x, after[1] - y);
    const r = Math.min(CORNER, into / 2, out / 2);
    if (r === 0 || into === 0 || out === 0) return void (path += `L${x} ${y}`);
    const enter = [x - ((x - before[0]) / into) * r, y - ((y - before[1]) / into) * r];
    const leave = [x + ((after[0] - x) / out) * r, y + ((after[1] - y) / out) * r];
    path += `L${enter.join(" ")}Q${x} ${y} ${leave.join(" ")}`;
  });
  return path;
}

/** The one connection that fails most, if any does. */
export function worstEdge(edges: readonly Edge[]): Edge | undefined {
  const failing = edges.filter(({ error_ratio }) => (error_ratio ?? 0) >= FAILING);
  return failing.sort((one, other) => (other.error_ratio ?? 0) - (one.error_ratio ?? 0))[0];
}
