/** Alerts in the order of their weight, and in words. Pure, so that it can be tested. */
import type { operations } from "../../api";

type Listed<Name extends "alerts" | "rules" | "silences" | "notices"> = Awaited<ReturnType<(typeof operations)[Name]>>["items"][number];
export type Alert = Listed<"alerts">;
export type Rule = Listed<"rules">;
export type Silence = Listed<"silences">;
export type Notice = Listed<"notices">;

const GRAVITY = { critical: 0, warning: 1, info: 2 } as const;

/** The rule that always fires: while it does, rules are judged. */
const SIGN_OF_LIFE = "watchdog";

/** A state in one word, with the colour of its badge. */
export function stateOf(alert: Alert): { word: string; tone: "bad" | "warn" | "acc" | "ok" } {
  if (alert.state === "resolved") return { word: "Resolved", tone: "ok" };
  if (alert.silenced_by) return { word: "Silenced", tone: "acc" };
  if (alert.state === "pending") return { word: "Pending", tone: "warn" };
  return { word: "Firing", tone: "bad" };
}

function weight(alert: Alert): number {
  const quiet = alert.silenced_by ? 20 : alert.state === "pending" ? 10 : alert.inhibited_by ? 5 : 0;
  return quiet + GRAVITY[alert.severity];
}

/** What needs somebody first, the oldest first among equals. */
export function byWeight(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort((one, other) => weight(one) - weight(other) || one.pending_since.localeCompare(other.pending_since));
}

/** Since when it has been so: from the first sign, as the page's head says it, not from when somebody was told. */
export function sinceOf(alert: Alert): string {
  return alert.pending_since;
}

/** Whether anybody looks at the rules: else the absence of alerts says nothing. */
export function areJudged(rules: readonly Rule[]): boolean {
  return rules.some(({ name, state }) => name === SIGN_OF_LIFE && state === "firing");
}

/** What a silence covers: "rule disk, service auth". */
export function covers(matchers: Silence["matchers"]): string {
  return Object.entries(matchers)
    .map(([label, value]) => `${label} ${value}`)
    .join(", ");
}

/** Notices that tell of something, without the signs of life. */
export function told(notices: readonly Notice[]): Notice[] {
  return notices.filter(({ content }) => content.reason !== "heartbeat");
}
