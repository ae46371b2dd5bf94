/** The routes of a service, found and ordered. Pure, so that it can be tested. */
import type { operations } from "../../api";

export type RouteFigures = Awaited<ReturnType<typeof operations.routes>>["items"][number];

export const ORDERS = {
  time: "By time in all",
  requests: "By requests",
  errors: "By errors",
  p95: "By p95",
} as const;
export type Order = keyof typeof ORDERS;

/** What comes first. By time the server has ordered them already. */
const WEIGHT: Record<Exclude<Order, "time">, (route: RouteFigures) => number> = {
  requests: ({ requests }) => requests,
  errors: ({ error_ratio, requests }) => (error_ratio ?? 0) * requests,
  p95: ({ p95_seconds }) => p95_seconds ?? 0,
};

/** Those whose method and path hold every word, in the order that is asked for. */
export function shown(routes: readonly RouteFigures[], words: string, order: Order): RouteFigures[] {
  const wanted = words.toLowerCase().split(/\s+/u).filter(Boolean);
  const found = routes.filter(({ method, route }) => wanted.every((word) => `${method} ${route}`.toLowerCase().includes(word)));
  if (order === "time") return found;
  return found.sort((one, other) => WEIGHT[order](other) - WEIGHT[order](one));
}
