/** Reading a repository from the page: hand in a source, follow the job as it is read, cancel it. */
import { useCallback, useEffect, useRef, useState } from "react";
import { analysis, isRecord, ProblemError, type Job, type Source } from "../api";
import { upload } from "./upload";

export type Given = { archive: File } | Source;

export type Reading =
  | { state: "idle" }
  | { state: "sending"; name: string; sent: number; size: number }
  | { state: "reading"; job: Job }
  | { state: "done"; job: Job }
  | { state: "failed"; error: Error };

const POLL_MS = 1_000;
const ENDED: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

/** What a finished job failed of. */
export function failureOf(job: Job): Error {
  if (isRecord(job.problem)) {
    const status = job.problem["status"];
    return new ProblemError(typeof status === "number" ? status : 500, job.problem, null);
  }
  return new Error(job.state === "cancelled" ? "Reading was cancelled." : "The repository could not be read.");
}

function readingOf(job: Job): Reading {
  if (job.state === "done") return { state: "done", job };
  return ENDED.has(job.state) ? { state: "failed", error: failureOf(job) } : { state: "reading", job };
}

/** Follow a job by its events; by asking every second where events do not come through. */
function follow(id: string, onJob: (job: Job) => void, onLost: (error: Error) => void): () => void {
  const events = new EventSource(analysis.eventsAddress(id));
  let timer = 0;
  let over = false;
  const stop = () => {
    over = true;
    events.close();
    clearTimeout(timer);
  };
  const take = (job: Job) => {
    if (over) return;
    if (ENDED.has(job.state)) stop();
    onJob(job);
  };
  const poll = async () => {
    try {
      take(await analysis.get(id));
    } catch (problem) {
      if (over) return;
      stop();
      onLost(problem instanceof Error ? problem : new Error(String(problem)));
    }
    if (!over) timer = window.setTimeout(() => void poll(), POLL_MS);
  };
  events.addEventListener("job", (event: MessageEvent<string>) => take(JSON.parse(event.data) as Job));
  events.addEventListener("error", () => {
    if (over) return;
    events.close();
    void poll();
  });
  return stop;
}

export function useJob() {
  const [reading, setReading] = useState<Reading>({ state: "idle" });
  const stop = useRef<() => void>(() => undefined);
  const id = useRef<string | null>(null);

  const drop = useCallback(() => {
    stop.current();
    stop.current = () => undefined;
    // A job that is still read is of no use to anybody now; one that ended does not mind.
    if (id.current) analysis.cancel(id.current).catch(() => undefined);
    id.current = null;
  }, []);

  const start = useCallback(
    async (given: Given) => {
      drop();
      const aborting = new AbortController();
      stop.current = () => aborting.abort();
      try {
        let job: Job;
        if ("archive" in given) {
          const { name, size } = given.archive;
          setReading({ state: "sending", name, sent: 0, size });
          job = await upload(given.archive, (sent) => setReading({ state: "sending", name, sent, size }), aborting.signal);
        } else {
          setReading({ state: "sending", name: "", sent: 0, size: 0 });
          job = await analysis.start(given);
        }
        if (aborting.signal.aborted) return void analysis.cancel(job.id).catch(() => undefined);
        id.current = job.id;
        setReading(readingOf(job));
        if (ENDED.has(job.state)) return;
        stop.current = follow(job.id, (next) => setReading(readingOf(next)), (error) => setReading({ state: "failed", error }));
      } catch (problem) {
        if (aborting.signal.aborted) return;
        setReading({ state: "failed", error: problem instanceof Error ? problem : new Error(String(problem)) });
      }
    },
    [drop],
  );

  const cancel = useCallback(() => {
    drop();
    setReading({ state: "idle" });
  }, [drop]);

  // Closing the dialog ends what is under way.
  useEffect(() => drop, [drop]);
  return { reading, start, cancel };
}
