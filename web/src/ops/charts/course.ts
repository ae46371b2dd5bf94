/** What a chart draws and says of a figure over time. Pure, so that it can be tested. */

export type Course = readonly (number | null)[];

/** A figure in future, should it go on as it does: when it would be at its limit. */
export interface Ahead {
  /** Unix seconds. */
  fullAt: number;
}

export interface Drawn {
  times: number[];
  values: (number | null)[];
  /** The dashed line from now on; empty of numbers where nothing is foreseen. */
  ahead: (number | null)[];
}

/** So much of what is past is shown of what is to come. */
const AHEAD_PART = 0.6;

export const isMeasured = (value: number | null | undefined): value is number => typeof value === "number" && Number.isFinite(value);

/** Whether anything was measured at all. */
export function hasAny(values: Course): boolean {
  return values.some(isMeasured);
}

/** How far a chart of these times looks ahead, in seconds: to the limit, or as much as fits; 0 where nothing is foreseen. */
export function horizon(times: readonly number[], ahead: Ahead | undefined): number {
  const first = times[0];
  const last = times.at(-1);
  if (!ahead || first === undefined || last === undefined) return 0;
  return Math.max(0, Math.min(ahead.fullAt - last, (last - first) * AHEAD_PART));
}

/**
 * The times and values to draw, with the way to the limit where one is foreseen. The ratio is 1 at `fullAt`; the line
 * ends there, or where as much future is shown as fits.
 */
export function foreseen(times: readonly number[], values: Course, ahead: Ahead | undefined): Drawn {
  const past = { times: [...times], values: [...values], ahead: times.map(() => null) };
  const seconds = horizon(times, ahead);
  const last = times.at(-1);
  const now = values.at(-1);
  if (!ahead || seconds === 0 || last === undefined || !isMeasured(now)) return past;
  const end = last + seconds;
  const there = now + ((1 - now) * seconds) / (ahead.fullAt - last);
  return { times: [...past.times, end], values: [...past.values, null], ahead: [...past.ahead.slice(0, -1), now, there] };
}

/** Points that a line cannot show: measured, with nothing measured before and after. */
export function alone(values: Course): number[] {
  return values.flatMap((value, index) => (isMeasured(value) && !isMeasured(values[index - 1]) && !isMeasured(values[index + 1]) ? [index] : []));
}

/** The chart for those who do not see it: "Rate of auth: 3.1 /s now, 0.2 /s to 4 /s before." */
export function inWords(label: string, values: Course, say: (value: number) => string): string {
  const known = values.filter(isMeasured);
  if (known.length === 0) return `${label}: not measured`;
  const now = values.at(-1);
  const least = say(Math.min(...known));
  const most = say(Math.max(...known));
  const between = least === most ? `always ${most}` : `${least} to ${most}`;
  return `${label}: ${isMeasured(now) ? `${say(now)} at last, ` : ""}${between}`;
}
