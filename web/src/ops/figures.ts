/** Figures as the operations page writes them. What was not measured says so, and is never nought. */
import type { Saturation, Total } from "../api";
import { figure, size } from "../ui";

export const NO_DATA = "no data";

type Measured = number | null | undefined;

function known(value: Measured): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** 0.184 is "184 ms", 41.2 is "41 s". */
export function duration(seconds: Measured): string {
  if (!known(seconds)) return NO_DATA;
  if (seconds < 0.001 && seconds > 0) return "< 1 ms";
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `${(seconds / 60).toFixed(1)} min`;
}

/** Calls in a second: "0.02 /s", "3.1 /s", "412 /s". */
export function rate(perSecond: Measured): string {
  if (!known(perSecond)) return NO_DATA;
  if (perSecond > 0 && perSecond < 0.005) return "< 0.01 /s";
  const digits = perSecond === 0 || perSecond >= 100 ? 0 : perSecond < 1 ? 2 : 1;
  return `${perSecond >= 1_000 ? `${(perSecond / 1_000).toFixed(1)} k` : perSecond.toFixed(digits)} /s`;
}

/** 0.0021 is "0.21 %". */
export function share(ratio: Measured, digits = 2): string {
  return known(ratio) ? `${(ratio * 100).toFixed(digits)} %` : NO_DATA;
}

export function total({ value, unit }: Total): string {
  if (!known(value)) return NO_DATA;
  if (unit === "per_second") return rate(value);
  if (unit === "ratio") return share(value);
  return unit === "seconds" ? duration(value) : figure(value);
}

/** By how much a figure differs from the time before; nothing where that is not known. */
export function change(part: Measured): string {
  if (!known(part)) return "";
  const percent = Math.round(part * 100);
  return percent === 0 ? "as before" : `${percent > 0 ? "+" : "−"}${Math.abs(percent)} % on the time before`;
}

/** How full something is, in its own unit: "812 MB of 1.0 GB". */
export function fullness({ value, limit, unit }: Saturation): string {
  if (!known(value)) return "";
  const say = (one: number) => {
    if (unit === "bytes") return one >= 1e9 ? `${(one / 1e9).toFixed(1)} GB` : size(one);
    if (unit === "seconds") return duration(one);
    return figure(one);
  };
  if (unit === "percent") return "of its processors";
  return known(limit) ? `${say(value)} of ${say(limit)}` : say(value);
}

/** A figure and its unit, which is written smaller: "412", "/s". What has no unit is all figure. */
export function apart(text: string): readonly [figure: string, unit: string] {
  const found = text === NO_DATA ? null : /^(.*\d) (\D+)$/u.exec(text);
  return found ? [found[1] ?? text, found[2] ?? ""] : [text, ""];
}

/** How long something has been: "40 s", "26 min", "3 h", "41 days". */
export function passed(since: string, now: number): string {
  return lasting(Math.max(1, Math.round((now - Date.parse(since)) / 1_000)));
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something takes, in one unit. */
export function lasting(seconds: number): string {
  if (seconds < MINUTE) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  return seconds < 2 * DAY ? `${Math.round(seconds / HOUR)} h` : `${Math.round(seconds / DAY)} days`;
}
