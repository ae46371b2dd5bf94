import { expect, test } from "vitest";
import type { Moment, Overview, Saturation, ServiceFigures } from "../api";
import { change, duration, fullness, lineOf, NO_DATA, rate, share } from "./figures";
import { layersOf, placesOf, worstEdge } from "./layers";
import { withLevel } from "./LogLevelsCard";
import { joined } from "./useOverview";

test("what was not measured is no data, and never nought", () => {
  expect([duration(null), rate(null), share(undefined)]).toEqual([NO_DATA, NO_DATA, NO_DATA]);
  expect([duration(0), rate(0), share(0)]).toEqual(["0 ms", "0 /s", "0.00 %"]);
});

test("figures carry a unit that fits their size", () => {
  expect([duration(0.184), duration(3.42), duration(41.2), duration(756)]).toEqual(["184 ms", "3.4 s", "41 s", "12.6 min"]);
  expect([rate(0.02), rate(3.1), rate(412), rate(1_900)]).toEqual(["0.02 /s", "3.1 /s", "412 /s", "1.9 k /s"]);
  expect([change(0.06), change(-0.2), change(null)]).toEqual(["+6 % on the time before", "−20 % on the time before", ""]);
  expect(fullness({ value: 2e9, limit: 4e9, unit: "bytes" } as Saturation)).toBe("2.0 GB of 4.0 GB");
});

test("a line breaks where nothing was measured", () => {
  expect(lineOf([0, 1, null, 1], 30, 10)).toBe("M0.0 10.0L10.0 0.0M30.0 0.0");
  expect(lineOf([null, null], 30, 10)).toBe("");
});

test("callers stand above what they call, and a circle ends", () => {
  const layers = layersOf(["a", "b", "c", "d"], [{ source: "a", target: "b" }, { source: "b", target: "c" }, { source: "c", target: "b" }]);
  expect(layers).toEqual([["a", "d"], ["b"], ["c"]]);
  expect(layersOf(["a", "b"], [{ source: "a", target: "b" }, { source: "b", target: "a" }])).toEqual([["a"], ["b"]]);
  expect(placesOf(layers).places.size).toBe(4);
});

test("only what fails is the worst", () => {
  const edge = { source: "a", target: "b", kind: "http", state: "observed" as const, rate: 1, p95_seconds: null };
  expect(worstEdge([{ ...edge, error_ratio: 0.01 }, { ...edge, error_ratio: null }])).toBeUndefined();
  expect(worstEdge([{ ...edge, error_ratio: 0.06 }, { ...edge, error_ratio: 0.5 }])?.error_ratio).toBe(0.5);
});

test("a level that is taken back leaves the others", () => {
  const levels = withLevel(withLevel({ default: "", modules: {} }, "auth", "debug"), "export", "info");
  expect(withLevel(levels, "auth", "").modules).toEqual({ export: "info" });
});

test("a moment changes the state at once, but the rates of a longer range stay", () => {
  const service = { name: "auth", status: "healthy", rate: 1, instances: { up: 1, known: 1 } } as ServiceFigures;
  const overview = { at: "2026-01-01T00:00:00Z", times: [100, 115], totals: [], services: [service], saturation: [], alerts: {}, worst: null } as unknown as Overview;
  const moment = { ...overview, at: "2026-01-01T00:00:05Z", services: [{ ...service, status: "down", rate: 9 }] } as Moment;
  expect(joined(overview, moment, "1h").services[0]).toMatchObject({ status: "down", rate: 1 });
  expect(joined(overview, moment, "15m").services[0]).toMatchObject({ status: "down", rate: 9 });
  expect([joined(overview, moment, "15m").times, joined(overview, moment, "1h").times]).toEqual([[105, 120], [100, 115]]);
  expect(joined(overview, { ...moment, at: "2025-01-01T00:00:00Z" }, "1h")).toBe(overview);
});
