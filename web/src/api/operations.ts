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

const ASK_AGAIN_MS = 5_000;

/** Follow the figures of now; asks again when the connection is lost or was refused. Returns how to stop. */
export function followOverview(onMoment: (moment: Moment) => void, onLost: () => void): () => void {
  let events: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    events = new EventSource("/api/ops/stream");
    events.addEventListener("overview", (event: MessageEvent<string>) => onMoment(JSON.parse(event.data) as Moment));
    events.addEventListener("error", () => {
      onLost();
      // A broken line is mended by the browser; after a refusal it gives up.
      if (events.readyState === EventSource.CLOSED) again = setTimeout(open, ASK_AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    events.close();
  };
}
