/** Errors in words. Pure, so that it can be tested. */
import type { ErrorGroup, ErrorState, operations } from "../../api";

export type ErrorEvent = Awaited<ReturnType<typeof operations.error>>["events"][number];
export type Frame = NonNullable<ErrorEvent["frames"]>[number];

/** A kind without its module: "sqlalchemy.exc.OperationalError" is "OperationalError". */
export function nameOf({ kind }: Pick<ErrorGroup, "kind">): string {
  return kind.split(".").at(-1) ?? kind;
}

/** A state in a word; what simply goes on has none. */
export function stateOf(state: ErrorState): { word: string; tone: "acc" | "bad" | "ok" | "" } {
  if (state === "new") return { word: "New", tone: "acc" };
  if (state === "regressed") return { word: "Came back", tone: "bad" };
  if (state === "resolved") return { word: "Resolved", tone: "ok" };
  return { word: state === "ignored" ? "Ignored" : "", tone: "" };
}

/** What the request was that failed, as far as it is known. */
export function contextOf(event: ErrorEvent, group: Pick<ErrorGroup, "service" | "culprit">): readonly (readonly [string, string])[] {
  const request = [event.method, event.route].filter(Boolean).join(" ");
  const lines = [
    ["Service", event.service || group.service],
    ["Request", request || "outside of a request"],
    ["Person", event.user_id || "nobody who is signed in"],
    ["Reference", event.correlation_id || "none"],
    ["Place", event.culprit || group.culprit || "not known"],
  ] as const;
  return (event.count ?? 1) > 1 ? [...lines, ["Stands for", `${event.count} failures`]] : lines;
}

/** A stack trace as text, as one would paste it. */
export function traceOf(event: Pick<ErrorEvent, "kind" | "message" | "frames">): string {
  const frames = (event.frames ?? []).map(({ module, line, function: name, code }) => `  ${module}:${line} in ${name}${code ? `\n    ${code}` : ""}`);
  return [...frames, `${event.kind}: ${event.message}`].join("\n");
}
