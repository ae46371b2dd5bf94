/** What can be said of the whole while nothing is known to be wrong. Pure, so that it can be tested. */
import type { Overview } from "../api";

export interface Whole {
  /** Everything was measured, just now, and nothing is about to fire. */
  isWell: boolean;
  title: string;
  text: string;
}

export function wholeOf({ services, alerts }: Pick<Overview, "services" | "alerts">, isStale: boolean): Whole {
  const answering = services.filter(({ status }) => status !== "unknown").length;
  const count = `${answering} of ${services.length} services answer`;
  if (isStale) return { isWell: false, title: "Not known", text: "All was well when the connection was lost. It may be otherwise now." };
  if (answering === 0) return { isWell: false, title: "No data yet", text: "No service has reported its state. This says nothing about how it is." };
  if (alerts.pending > 0) return { isWell: false, title: "No alert fires yet", text: `${alerts.pending} pending: ${alerts.pending === 1 ? "it fires" : "they fire"} if this goes on. ${count}.` };
  if (answering < services.length) return { isWell: false, title: "Nothing is known to be wrong", text: `${count}; the others are not measured.` };
  return { isWell: true, title: "All is well", text: `All ${services.length} services answer, and no alert fires.` };
}
