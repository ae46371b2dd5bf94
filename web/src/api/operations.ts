/** What the platform knows of itself; all of it is for administrators. */
import { answered, api } from "./client";
import type { ErrorMark, LogLevels, Moment, OpsRange, Overview } from "./types";

const at = (fingerprint: string) => ({ params: { path: { fingerprint } } });

export const operations = {
  overview: async (range: OpsRange, signal?: AbortSignal) => (await answered(api.GET("/api/ops/overview", { params: { query: { range } }, signal: signal ?? null }))) as Overview,
  map: (signal?: AbortSignal) => answered(api.GET("/api/ops/map", { signal: signal ?? null })),
  documentOfMap: () => answered(api.POST("/api/ops/map/document")),
  errors: (sort: "count" | "last", signal?: AbortSignal) => answered(api.GET("/api/ops/errors", { params: { query: { sort } }, signal: signal ?? null })),
  error: (fingerprint: string, signal?: AbortSignal) => answered(api.GET("/api/ops/errors/{fingerprint}", { ...at(fingerprint), signal: signal ?? null })),
  markError: (fingerprint: string, state: ErrorMark["state"]) => answered(api.PUT("/api/ops/errors/{fingerprint}", { ...at(fingerprint), body: { state } })),
  queries: (signal?: AbortSignal) => answered(api.GET("/api/ops/queries", { params: { query: { sort: "total" } }, signal: signal ?? null })),
  about: (signal?: AbortSignal) => answered(api.GET("/api/ops/about", { signal: signal ?? null })),
  logLevels: async (signal?: AbortSignal) => (await answered(api.GET("/api/admin/log-levels", { signal: signal ?? null }))) as LogLevels,
  setLogLevels: async (levels: LogLevels) => (await answered(api.PUT("/api/admin/log-levels", { body: levels }))) as LogLevels,
};

/** Follow the figures of now; asks again by itself when the connection is lost. Returns how to stop. */
export function followOverview(onMoment: (moment: Moment) => void, onLost: () => void): () => void {
  const events = new EventSource("/api/ops/stream");
  events.addEventListener("overview", (event: MessageEvent<string>) => onMoment(JSON.parse(event.data) as Moment));
  events.addEventListener("error", onLost);
  return () => events.close();
}
