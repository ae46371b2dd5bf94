/** Tests of the line to the figures of now. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followOverview, SILENT_MS } from "./operations";

class Line extends EventTarget {
  static CLOSED = 2;
  static opened: Line[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    Line.opened.push(this);
  }

  close(): void {
    this.readyState = Line.CLOSED;
  }

  tell(at: string): void {
    this.dispatchEvent(new MessageEvent("overview", { data: JSON.stringify({ at }) }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  Line.opened = [];
  vi.stubGlobal("EventSource", Line);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("takes a line that says nothing for a lost one, and asks anew until it speaks", () => {
  const heard: string[] = [];
  const stop = followOverview(({ at }) => heard.push(at), () => heard.push("lost"));
  Line.opened[0]?.tell("1");
  vi.advanceTimersByTime(SILENT_MS - 1);
  Line.opened[0]?.tell("2");
  vi.advanceTimersByTime(SILENT_MS - 1);
  expect(heard).toEqual(["1", "2"]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual(["1", "2", "lost"]);
  expect(Line.opened.map(({ readyState }) => readyState)).toEqual([2, 1]);
  Line.opened[1]?.tell("3");
  expect(heard.at(-1)).toBe("3");
  stop();
  vi.advanceTimersByTime(10 * SILENT_MS);
  expect([heard.length, Line.opened.length]).toEqual([4, 2]);
});
