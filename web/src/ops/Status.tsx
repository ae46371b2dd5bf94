/** How something is, as a dot and a word. What nobody measured has a neutral dot, and says so. */
import type { ReactElement } from "react";
import type { ServiceFigures } from "../api";

export type Status = ServiceFigures["status"];

const TONES = { healthy: "ok", degraded: "warn", down: "bad", unknown: "" } as const;
const WORDS = { healthy: "healthy", degraded: "degraded", down: "down", unknown: "not measured" } as const;

export const statusWord = (status: Status): string => WORDS[status];
export const statusTone = (status: Status): string => TONES[status];

export function StatusDot({ status }: { status: Status }): ReactElement {
  return <span className={`dot ${TONES[status]}`.trimEnd()} data-status={status} />;
}

/** How many of a service's processes answer: "2 of 2 up"; with the word where that is not all there is to say. */
export function upInWords(status: Status, instances: { up: number; known: number } | null): string {
  if (status === "unknown") return WORDS.unknown;
  const up = instances ? `${instances.up} of ${instances.known} up` : "";
  if (status === "healthy") return up || WORDS.healthy;
  return [WORDS[status], up].filter(Boolean).join(", ");
}
