import { expect, test } from "vitest";
import { contextOf, nameOf, stateOf, traceOf, type ErrorEvent } from "./error";

const EVENT = { kind: "builtins.RuntimeError", message: "no", service: "auth", fingerprint: "1:a", at: "2026-01-01T00:00:00Z", sequence: 1 } as ErrorEvent;

test("an error is called by its class", () => {
  expect(nameOf({ kind: "sqlalchemy.exc.OperationalError" })).toBe("OperationalError");
  expect(nameOf({ kind: "RuntimeError" })).toBe("RuntimeError");
});

test("a state that needs somebody has a word, what goes on has none", () => {
  expect((["new", "regressed", "ongoing", "resolved", "ignored"] as const).map((state) => stateOf(state).word)).toEqual(["New", "Came back", "", "Resolved", "Ignored"]);
});

test("the context says what is not known", () => {
  const lines = Object.fromEntries(contextOf(EVENT, { service: "auth", culprit: "" }));
  expect(lines).toEqual({ Service: "auth", Request: "outside of a request", Person: "nobody who is signed in", Reference: "none", Place: "not known" });
});

test("the context of a request names it, and how many failures one event stands for", () => {
  const event = { ...EVENT, method: "GET", route: "/test/error", user_id: "u1", correlation_id: "c1", count: 7 };
  const lines = Object.fromEntries(contextOf(event, { service: "auth", culprit: "a:1" }));
  expect(lines).toMatchObject({ Request: "GET /test/error", Person: "u1", Reference: "c1", Place: "a:1", "Stands for": "7 failures" });
});

test("a trace reads as one would paste it: the failure last", () => {
  const frames = [{ module: "a", line: 1, function: "f", code: "g()", in_app: true }];
  expect(traceOf({ ...EVENT, frames })).toBe("  a:1 in f\n    g()\nbuiltins.RuntimeError: no");
  expect(traceOf(EVENT)).toBe("builtins.RuntimeError: no");
});
