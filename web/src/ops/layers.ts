/** Where the parts of the service map stand: callers above what they call. Pure, so that it can be tested. */
import type { ServiceMap } from "../api";

type Edge = ServiceMap["edges"][number];

export interface Place {
  x: number;
  y: number;
}

export const BOX = { width: 124, height: 44, across: 150, down: 92 } as const;
const FAILING = 0.05;

/** The layer of each part: one below its nearest caller from outside; what nobody calls stands first. */
export function layersOf(ids: readonly string[], edges: readonly Pick<Edge, "source" | "target">[]): string[][] {
  const calls = edges.filter(({ source, target }) => source !== target);
  const called = new Set(calls.map(({ target }) => target));
  const sources = ids.filter((id) => !called.has(id));
  const left = new Set(ids);
  const layers: string[][] = [];
  let current = sources.length > 0 ? sources : ids.slice(0, 1);
  while (current.length > 0) {
    layers.push(current);
    current.forEach((id) => left.delete(id));
    const here = new Set(current);
    const next = calls.filter(({ source, target }) => here.has(source) && left.has(target)).map(({ target }) => target);
    current = next.length > 0 ? [...new Set(next)] : [...left].slice(0, 1);
  }
  return layers;
}

export function placesOf(layers: readonly (readonly string[])[]): { places: Map<string, Place>; width: number; height: number } {
  const most = Math.max(1, ...layers.map((layer) => layer.length));
  const places = new Map<string, Place>();
  layers.forEach((layer, row) => {
    const start = ((most - layer.length) * BOX.across) / 2;
    layer.forEach((id, column) => places.set(id, { x: start + column * BOX.across + 13, y: row * BOX.down + 8 }));
  });
  return { places, width: most * BOX.across, height: (layers.length - 1) * BOX.down + BOX.height + 16 };
}

/** The one connection that fails most, if any does. */
export function worstEdge(edges: readonly Edge[]): Edge | undefined {
  const failing = edges.filter(({ error_ratio }) => (error_ratio ?? 0) >= FAILING);
  return failing.sort((one, other) => (other.error_ratio ?? 0) - (one.error_ratio ?? 0))[0];
}
