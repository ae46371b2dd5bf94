import { expect, test } from "vitest";
import { shown, type RouteFigures } from "./routes";

const route = (path: string, figures: Partial<RouteFigures> = {}) => ({ method: "GET", route: path, requests: 1, error_ratio: null, p95_seconds: null, ...figures }) as RouteFigures;
const ROUTES = [route("/api/a", { requests: 5, error_ratio: 0.1, p95_seconds: 2 }), route("/api/b", { requests: 100, error_ratio: 0.01 }), { ...route("/api/a/{id}", { requests: 2, error_ratio: 1, p95_seconds: 9 }), method: "PUT" }];
const paths = (found: readonly RouteFigures[]) => found.map((one) => one.route);

test("by time they stay as the server has ordered them, else the most comes first", () => {
  expect(paths(shown(ROUTES, "", "time"))).toEqual(["/api/a", "/api/b", "/api/a/{id}"]);
  expect(paths(shown(ROUTES, "", "requests"))).toEqual(["/api/b", "/api/a", "/api/a/{id}"]);
  expect(paths(shown(ROUTES, "", "errors"))).toEqual(["/api/a/{id}", "/api/b", "/api/a"]);
  expect(paths(shown(ROUTES, "", "p95"))).toEqual(["/api/a/{id}", "/api/a", "/api/b"]);
});

test("every word has to be found, in method or path", () => {
  expect(paths(shown(ROUTES, "put A", "time"))).toEqual(["/api/a/{id}"]);
  expect(shown(ROUTES, "nothing", "time")).toEqual([]);
});
