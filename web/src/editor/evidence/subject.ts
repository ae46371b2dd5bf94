/** What a selection stands for in the model. Pure. */
import type { Evidence, Known, Model, ModelEdge, ModelNode } from "../../api";
import { lineOf, type Selection } from "../drawing/graph";

export type Subject =
  | { kind: "card"; node: ModelNode; calls: Relation[]; callers: Relation[] }
  | { kind: "line"; source: string; target: string; edges: ModelEdge[]; evidence: Evidence[]; known: Known };

export interface Relation {
  edge: ModelEdge;
  /** The card at the other end. */
  other: string;
  otherId: string;
  /** How the drawing would name this line. */
  line: string;
}

const STRENGTH: readonly Known[] = ["trace", "code", "config", "declared", "inferred"];

export function nameIn(model: Model, id: string): string {
  return model.nodes.find((node) => node.id === id)?.name ?? id;
}

export function subjectOf(model: Model, selection: Selection | null): Subject | null {
  if (!selection) return null;
  return selection.kind === "card" ? cardOf(model, selection.id) : relationOf(model, selection.id);
}

function cardOf(model: Model, id: string): Subject | null {
  const node = model.nodes.find((one) => one.id === id);
  if (!node) return null;
  const relation = (edge: ModelEdge, index: number, otherId: string): Relation => ({
    edge,
    other: nameIn(model, otherId),
    otherId,
    line: `${edge.source}|${edge.target}|${index}`,
  });
  const calls = model.edges.flatMap((edge, at) => (edge.source === id ? [relation(edge, at, edge.target)] : []));
  const callers = model.edges.flatMap((edge, at) => (edge.target === id ? [relation(edge, at, edge.source)] : []));
  return { kind: "card", node, calls, callers };
}

/** All that is known between the two cards; the named edge first. */
function relationOf(model: Model, id: string): Subject | null {
  const line = lineOf(id, new Set(model.nodes.map((node) => node.id)));
  const named = line?.index === null || !line ? undefined : model.edges[line.index];
  const ends = named ?? line;
  if (!ends) return null;
  const beside = model.edges.filter(
    (edge) => edge !== named && edge.source === ends.source && edge.target === ends.target,
  );
  const edges = named ? [named, ...beside] : beside;
  const known = STRENGTH.find((one) => edges.some((edge) => edge.known === one)) ?? "inferred";
  return {
    kind: "line",
    source: ends.source,
    target: ends.target,
    edges,
    evidence: edges.flatMap((edge) => edge.evidence),
    known,
  };
}
