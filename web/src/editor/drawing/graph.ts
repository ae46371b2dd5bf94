/** What a drawing's ids say: cards, lines between them, and how a walk with the arrow keys goes. Pure. */

export interface Line {
  /** `data-edge` as the drawing has it. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Which edge of the model it is; null when the drawing names none. */
  readonly index: number | null;
}

export interface Graph {
  /** In reading order. */
  readonly cards: readonly string[];
  readonly lines: readonly Line[];
}

export type Selection = { readonly kind: "card" | "line"; readonly id: string };

/** Read `source|target|index`. The ids themselves may hold a bar when `cards` tells where they end. */
export function lineOf(id: string, cards: ReadonlySet<string> = new Set()): Line | null {
  const pieces = id.split("|");
  const last = pieces.at(-1) ?? "";
  const counted = pieces.length > 2 && /^\d+$/u.test(last);
  const ends = counted ? pieces.slice(0, -1) : pieces;
  if (ends.length < 2) return null;
  const cuts = ends.slice(1).map((_, at) => [ends.slice(0, at + 1).join("|"), ends.slice(at + 1).join("|")] as const);
  const known = cuts.find(([source, target]) => cards.has(source) && cards.has(target)) ?? cuts[0];
  if (!known) return null;
  return { id, source: known[0], target: known[1], index: counted ? Number(last) : null };
}

/** `edges` may name a line several times: a line, its label and its head carry the same id. */
export function graphOf(cards: readonly string[], edges: readonly string[]): Graph {
  const named = new Set(cards);
  const lines = [...new Set(edges)].map((id) => lineOf(id, named)).filter((line) => line !== null);
  return { cards: [...named], lines };
}

export function linesAt(graph: Graph, card: string): Line[] {
  return graph.lines.filter((line) => line.source === card || line.target === card);
}

/** Everything within one step of the selection, itself included. */
export function nearby(graph: Graph, selection: Selection): { cards: Set<string>; lines: Set<string> } {
  if (selection.kind === "line") {
    const line = graph.lines.find((one) => one.id === selection.id);
    return { cards: new Set(line ? [line.source, line.target] : []), lines: new Set([selection.id]) };
  }
  const lines = linesAt(graph, selection.id);
  const cards = new Set([selection.id, ...lines.flatMap((line) => [line.source, line.target])]);
  return { cards, lines: new Set(lines.map((line) => line.id)) };
}

export type Direction = "ArrowRight" | "ArrowLeft" | "ArrowUp" | "ArrowDown";

/**
 * One step of an arrow key. From a card, right follows its first call and left the first call to it; on a line,
 * right goes on to the target and left back to the source. Up and down take the next card, or the next line that
 * leaves from `from` (the card the walk came from).
 */
export function walk(graph: Graph, at: Selection | null, key: Direction, from: string | null): Selection | null {
  if (!at) return first(graph);
  return at.kind === "card" ? walkFromCard(graph, at.id, key) : walkFromLine(graph, at.id, key, from);
}

function walkFromCard(graph: Graph, card: string, key: Direction): Selection | null {
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const end = key === "ArrowRight" ? "source" : "target";
    const line = graph.lines.find((one) => one[end] === card);
    return line ? { kind: "line", id: line.id } : { kind: "card", id: card };
  }
  return tab(graph, { kind: "card", id: card }, key === "ArrowDown" ? 1 : -1) ?? { kind: "card", id: card };
}

function walkFromLine(graph: Graph, id: string, key: Direction, from: string | null): Selection | null {
  const line = graph.lines.find((one) => one.id === id);
  if (!line) return first(graph);
  if (key === "ArrowRight") return { kind: "card", id: line.target };
  if (key === "ArrowLeft") return { kind: "card", id: line.source };
  const end = from === line.target ? "target" : "source";
  const beside = graph.lines.filter((one) => one[end] === line[end]);
  const step = key === "ArrowDown" ? 1 : -1;
  const next = beside.at((beside.indexOf(line) + step) % beside.length) ?? line;
  return { kind: "line", id: next.id };
}

/** The next card in reading order; null past either end, so that the focus may leave. */
export function tab(graph: Graph, at: Selection | null, step: 1 | -1): Selection | null {
  const card = at?.kind === "line" ? graph.lines.find((line) => line.id === at.id)?.source : at?.id;
  const here = card === undefined ? -1 : graph.cards.indexOf(card);
  const next = here < 0 ? (step > 0 ? 0 : graph.cards.length - 1) : here + step;
  const id = next < 0 ? undefined : graph.cards[next];
  return id === undefined ? null : { kind: "card", id };
}

function first(graph: Graph): Selection | null {
  const id = graph.cards[0];
  return id === undefined ? null : { kind: "card", id };
}
