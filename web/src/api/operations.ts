/** What the platform knows of itself; all of it is for administrators. */
import { answered, api } from "./client";
import type { components } from "./schema";
import type { ErrorAsk, ErrorMark, Flag, LogLevels, Moment, OpsRange, Overview, QueryAsk } from "./types";

type FlagChanges = components["schemas"]["FlagChanges"];
type SilenceWish = components["schemas"]["SilenceWish"];

const at = (fingerprint: string) => ({ params: { path: { fingerprint } } });

export const operations = {
  overview: async (range: OpsRange, signal?: AbortSignal) => (await answered(api.GET("/api/ops/overview", { params: { query: { range } }, signal: signal ?? null }))) as Overview,
  map: (signal?: AbortSignal) => answered(api.GET("/api/ops/map", { signal: signal ?? null })),
  documentOfMap: () => answered(api.POST("/api/ops/map/document")),
  errors: (query: ErrorAsk, signal?: AbortSignal) => answered(api.GET("/api/ops/errors", { params: { query }, signal: signal ?? null })),
  error: (fingerprint: string, signal?: AbortSignal) => answered(api.GET("/api/ops/errors/{fingerprint}", { ...at(fingerprint), signal: signal ?? null })),
  markError: (fingerprint: string, state: ErrorMark["state"]) => answered(api.PUT("/api/ops/errors/{fingerprint}", { ...at(fingerprint), body: { state } })),
  queries: (sort: QueryAsk, signal?: AbortSignal) => answered(api.GET("/api/ops/queries", { params: { query: { sort } }, signal: signal ?? null })),
  routes: (name: string, signal?: AbortSignal) => answered(api.GET("/api/ops/services/{name}/routes", { params: { path: { name } }, signal: signal ?? null })),
  alerts: (status: "active" | "resolved", signal?: AbortSignal) => answered(api.GET("/api/ops/alerts", { params: { query: { status } }, signal: signal ?? null })),
  acknowledge: (alert_id: string) => answered(api.POST("/api/ops/alerts/{alert_id}/acknowledge", { params: { path: { alert_id } } })),
  rules: (signal?: AbortSignal) => answered(api.GET("/api/ops/alert-rules", { signal: signal ?? null })),
  silences: (signal?: AbortSignal) => answered(api.GET("/api/ops/silences", { signal: signal ?? null })),
  silence: (body: SilenceWish) => answered(api.POST("/api/ops/silences", { body })),
  endSilence: (silence_id: string) => answered(api.DELETE("/api/ops/silences/{silence_id}", { params: { path: { silence_id } } })),
  notices: (signal?: AbortSignal) => answered(api.GET("/api/ops/notices", { signal: signal ?? null })),
  tryChannels: () => answered(api.POST("/api/ops/notices/test")),
  backups: (signal?: AbortSignal) => answered(api.GET("/api/ops/backups", { signal: signal ?? null })),
  flags: (signal?: AbortSignal) => answered(api.GET("/api/admin/feature-flags", { signal: signal ?? null })),
  setFlag: ({ key, version, ...rules }: Flag, changes: Partial<FlagChanges>) =>
    answered(api.PUT("/api/admin/feature-flags/{key}", { params: { path: { key } }, body: { ...rules, ...changes, expected_version: version } })),
  about: (signal?: AbortSignal) => answered(api.GET("/api/ops/about", { signal: signal ?? null })),
  logLevels: async (signal?: AbortSignal) => (await answered(api.GET("/api/admin/log-levels", { signal: signal ?? null }))) as LogLevels,
  setLogLevels: async (levels: LogLevels) => (await answered(api.PUT("/api/admin/log-levels", { body: levels }))) as LogLevels,
};

const ASK_AGAIN_MS = 5_000;
/** Figures come every five seconds: who has heard none for three times as long hears nothing, whatever the line says. */
export const SILENT_MS = 15_000;

/** Follow the figures of now; asks again when the line is lost, silent, or was refused. Returns how to stop. */
export function followOverview(onMoment: (moment: Moment) => void, onLost: () => void): () => void {
  let events: EventSource;
  let next: ReturnType<typeof setTimeout> | undefined;
  const then = (what: () => void, afterMs: number) => {
    clearTimeout(next);
    next = setTimeout(what, afterMs);
  };
  const isSilent = () => {
    onLost();
    events.close();
    open();
  };
  const open = () => {
    events = new EventSource("/api/ops/stream");
    then(isSilent, SILENT_MS);
    events.addEventListener("overview", (event: MessageEvent<string>) => {
      then(isSilent, SILENT_MS);
      onMoment(JSON.parse(event.data) as Moment);
    });
    events.addEventListener("error", () => {
      onLost();
      // A broken line is mended by the browser; after a refusal it gives up.
      if (events.readyState === EventSource.CLOSED) then(open, ASK_AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(next);
    events.close();
  };
}
