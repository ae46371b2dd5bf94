import { expect, test } from "vitest";
import { alone, foreseen, hasAny, horizon, inWords } from "./course";

const say = (value: number) => `${value} /s`;

test("what was not measured is said, and is no nought", () => {
  expect(inWords("Rate", [null, null], say)).toBe("Rate: not measured");
  expect(inWords("Rate", [1, null, 3, 2], say)).toBe("Rate: 2 /s at last, 1 /s to 3 /s");
  expect(inWords("Rate", [2, null], say)).toBe("Rate: always 2 /s");
  expect([hasAny([null, Number.NaN]), hasAny([null, 0])]).toEqual([false, true]);
});

test("a point between gaps is a point, as no line can show it", () => {
  expect(alone([1, null, 2, null, 3, 4])).toEqual([0, 2]);
  expect(alone([null, null])).toEqual([]);
});

test("the way to the limit begins now and ends at the limit", () => {
  const drawn = foreseen([0, 100], [0.4, 0.5], { fullAt: 120 });
  expect(drawn.times).toEqual([0, 100, 120]);
  expect(drawn.values).toEqual([0.4, 0.5, null]);
  expect(drawn.ahead).toEqual([null, 0.5, 1]);
});

test("a limit that is far is only headed for", () => {
  const drawn = foreseen([0, 100], [0.4, 0.5], { fullAt: 1_100 });
  expect([drawn.times.at(-1), drawn.ahead.at(-1)]).toEqual([160, 0.53]);
  expect(horizon([0, 100], { fullAt: 1_100 })).toBe(60);
});

test("nothing is foreseen from what is not measured, nor of the past", () => {
  expect(foreseen([0, 100], [0.4, null], { fullAt: 120 }).ahead).toEqual([null, null]);
  expect(foreseen([0, 100], [0.4, 0.5], { fullAt: 50 }).ahead).toEqual([null, null]);
  expect(foreseen([0, 100], [0.4, 0.5], undefined).times).toEqual([0, 100]);
  expect(horizon([], { fullAt: 1 })).toBe(0);
});
