import { expect, test } from "vitest";
import { layersOf, layoutOf, rounded, worstEdge, type Box, type Layout } from "./layout";

const calls = (...pairs: string[]) => pairs.map((pair) => ({ source: pair.split(">")[0] ?? "", target: pair.split(">")[1] ?? "", rate: 1 as number | null }));
const SERVICES = ["analysis", "auth", "diagrams", "export", "flags", "watch"];
const HOUSE = calls(
  "browser>gateway",
  ...SERVICES.map((name) => `gateway>${name}`),
  ...SERVICES.map((name) => `${name}>sqlite`),
  "diagrams>objects",
  "export>diagrams",
  "analysis>diagrams",
  "analysis>export",
  "diagrams>auth",
  "watch>auth",
);
const PARTS = ["browser", "gateway", ...SERVICES, "sqlite", "objects"];

/** Width of the longest figures, "9.9% · 227ms". */
const LETTERS = 73;
/** From the top of the rate to the bottom of errors and p95, and the least air below. */
const TWO_LINES = 24 + 6;

function overlap(one: Box, other: Box): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
}

/** Boxes that the figures of two lines each need. */
function figuresOf({ routes }: Layout<{ source: string; target: string; rate: number | null }>): Box[] {
  return routes.filter(({ edge }) => edge.rate !== null).map(({ label }) => ({ x: label.anchor === "start" ? label.x : label.x - LETTERS, y: label.y - 12, width: LETTERS, height: TWO_LINES }));
}

test("callers stand before what they call, and a circle ends", () => {
  expect(layersOf(["a", "b", "c"], calls("a>b", "b>c", "c>b"))).toEqual([["a"], ["b"], ["c"]]);
  expect(layersOf(["a", "b"], calls("a>b", "b>a"))).toEqual([["a"], ["b"]]);
  expect(layersOf([], [])).toEqual([]);
});

test("what nobody calls and calls nobody stands with the others", () => {
  expect(layersOf(["a", "b", "c", "alone"], calls("a>b", "b>c"))).toEqual([["a"], ["b", "alone"], ["c"]]);
  expect(layersOf(["alone"], [])).toEqual([["alone"]]);
});

test("every part has a place of its own, and every line a path", () => {
  const layout = layoutOf(PARTS, HOUSE);
  const boxes = [...layout.boxes.values()];
  expect(boxes).toHaveLength(PARTS.length);
  expect(boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => overlap(one, other)))).toEqual([]);
  expect(boxes.every(({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= layout.width && y + height <= layout.height)).toBe(true);
  expect(layout.routes).toHaveLength(HOUSE.length);
});

test("no figures stand on others, nor on a part", () => {
  const layout = layoutOf(PARTS, HOUSE);
  const figures = figuresOf(layout);
  expect(figures.flatMap((one, index) => figures.slice(index + 1).filter((other) => overlap(one, other)))).toEqual([]);
  expect(figures.filter((one) => [...layout.boxes.values()].some((box) => overlap(one, box)))).toEqual([]);
});

test("no figures of the front door stand on the trunk of its lines", () => {
  const { routes } = layoutOf(PARTS, HOUSE);
  const right = routes.filter(({ edge }) => edge.source === "gateway");
  const trunk = Math.min(...right.flatMap(({ path }) => [...path.matchAll(/Q([\d.]+) /g)].map(([, x]) => Number(x))));
  const down = routes.find(({ edge }) => edge.source === "browser");
  expect((down?.label.x ?? Infinity) + LETTERS).toBeLessThan(trunk);
  expect(right.filter(({ label }) => label.anchor === "end" && label.x - LETTERS <= trunk)).toEqual([]);
});

test("stores stand last, whoever else calls them, and calls that were not seen take no room", () => {
  const more = [...HOUSE, ...calls("gateway>sqlite", "watch>diagrams", "flags>auth", "export>auth")];
  expect(layersOf(PARTS, more).at(-1)).toEqual(["sqlite", "objects"]);
  const seen = layoutOf(PARTS, more);
  const unseen = layoutOf(PARTS, more.map((call) => ({ ...call, rate: null })));
  expect(unseen.height).toBeLessThan(seen.height);
  const figures = figuresOf(seen);
  expect(figures.flatMap((one, index) => figures.slice(index + 1).filter((other) => overlap(one, other)))).toEqual([]);
});

test("the one who calls a single part stands above it", () => {
  const { boxes } = layoutOf(PARTS, HOUSE);
  const [browser, gateway] = [boxes.get("browser"), boxes.get("gateway")];
  expect(browser?.x).toBe(gateway?.x);
  expect((browser?.y ?? 0) + (browser?.height ?? 0)).toBeLessThan(gateway?.y ?? 0);
});

test("a line over several columns runs below them", () => {
  const layout = layoutOf(["a", "b", "b2", "c", "d"], calls("a>b", "a>b2", "b>c", "c>d", "a>d"));
  const floor = Math.max(...[...layout.boxes.values()].map(({ y, height }) => y + height));
  const far = layout.routes.find(({ edge }) => edge.source === "a" && edge.target === "d");
  expect(far).toBeDefined();
  expect(layout.height).toBeGreaterThan(floor);
});

test("calls back and to itself leave no broken path", () => {
  for (const { path } of layoutOf(["a", "b", "c"], calls("a>b", "b>a", "b>c", "c>c", "c>a")).routes) expect(path).toMatch(/^M[\d.LQVM -]+$/u);
});

test("corners are rounded, and what is too short for one is not", () => {
  expect(rounded([[0, 0], [20, 0], [20, 20]])).toBe("M0 0L12 0Q20 0 20 8L20 20");
  expect(rounded([[0, 0], [20, 0], [20, 0], [40, 0]])).toBe("M0 0L20 0L20 0L40 0");
});

test("only what fails is the worst", () => {
  const edge = { source: "a", target: "b", kind: "http", state: "observed" as const, rate: 1, p95_seconds: null };
  expect(worstEdge([{ ...edge, error_ratio: 0.01 }, { ...edge, error_ratio: null }])).toBeUndefined();
  expect(worstEdge([{ ...edge, error_ratio: 0.06 }, { ...edge, error_ratio: 0.5 }])?.error_ratio).toBe(0.5);
});
