import { expect, test } from "vitest";
import type { Moment, Overview, Saturation, ServiceFigures } from "../api";
import { apart, change, duration, fullness, lasting, NO_DATA, passed, rate, share } from "./figures";
import { wholeOf } from "./whole";
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

test("a figure stands apart from its unit, and no data has none", () => {
  expect([apart("412 /s"), apart("1.9 k /s"), apart("0.21 %"), apart("3"), apart(NO_DATA)]).toEqual([["412", "/s"], ["1.9", "k /s"], ["0.21", "%"], ["3", ""], [NO_DATA, ""]]);
  expect(apart("< 1 ms")).toEqual(["< 1", "ms"]);
});

test("times that passed have one unit", () => {
  expect([lasting(0.5), lasting(90), lasting(7_300), lasting(200_000)]).toEqual(["0.5 s", "2 min", "2 h", "2 days"]);
  expect(passed("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:26:00Z"))).toBe("26 min");
  expect(passed("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:00:00Z"))).toBe("1 s");
});

test("a moment changes the state at once, but the rates of a longer range stay", () => {
  const service = { name: "auth", status: "healthy", rate: 1, instances: { up: 1, known: 1 } } as ServiceFigures;
  const overview = { at: "2026-01-01T00:00:00Z", times: [100, 115], totals: [], services: [service], saturation: [], alerts: {}, worst: null } as unknown as Overview;
  const moment = { ...overview, at: "2026-01-01T00:00:05Z", services: [{ ...service, status: "down", rate: 9 }] } as Moment;
  expect(joined(overview, moment, "1h").services[0]).toMatchObject({ status: "down", rate: 1 });
  expect(joined(overview, moment, "15m").services[0]).toMatchObject({ status: "down", rate: 9 });
  const totals = [{ id: "requests", value: 1, change: 0.1 }, { id: "availability", value: 0.9 }] as Overview["totals"];
  const newer = [{ id: "requests", value: 7, change: 5 }, { id: "availability", value: 1 }] as Overview["totals"];
  expect(joined({ ...overview, totals }, { ...moment, totals: newer }, "1h").totals).toMatchObject([{ value: 7, change: 0.1 }, { value: 0.9 }]);
  expect([joined(overview, moment, "15m").times, joined(overview, moment, "1h").times]).toEqual([[105, 120], [100, 115]]);
  expect(joined(overview, { ...moment, at: "2025-01-01T00:00:00Z" }, "1h")).toBe(overview);
});

test("all is well only where all was measured just now and nothing is about to fire", () => {
  const [up, unknown] = [{ status: "healthy" }, { status: "unknown" }] as ServiceFigures[] as [ServiceFigures, ServiceFigures];
  const none = { firing: 0, pending: 0, silenced: 0 };
  expect(wholeOf({ services: [up], alerts: none }, false)).toEqual({ isWell: true, title: "All is well", text: "All 1 services answer, and no alert fires." });
  expect(wholeOf({ services: [up], alerts: { ...none, pending: 3 } }, false)).toMatchObject({ isWell: false, title: "No alert fires yet" });
  expect(wholeOf({ services: [up, unknown], alerts: none }, false).isWell).toBe(false);
  expect(wholeOf({ services: [], alerts: none }, false).title).toBe("No data yet");
  expect(wholeOf({ services: [up], alerts: none }, true).title).toBe("Not known");
});
