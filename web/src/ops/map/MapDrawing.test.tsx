import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { ServiceMap } from "../../api";
import { layoutOf } from "./layout";
import { MapDrawing } from "./MapDrawing";

const up = { known: 1, up: 1 };
const node = (id: string, kind: ServiceMap["nodes"][number]["kind"]) => ({ id, name: id, kind, status: "healthy" as const, instances: kind === "service" ? up : null });
const call = (source: string, target: string, rate: number | null) => ({ source, target, kind: "http", state: "observed" as const, rate, error_ratio: 0, p95_seconds: 0.012 });
const MAP: ServiceMap = {
  at: "2026-11-26T10:00:00Z",
  nodes: [node("browser", "people"), node("gateway", "service"), node("auth", "service"), node("sqlite", "database")],
  edges: [call("browser", "gateway", 3), call("gateway", "auth", 2), call("auth", "sqlite", null)],
  critical_path: [],
  cycles: [],
};

test("Tab stops once, arrows walk every part and every call, and each says what it shows", async () => {
  render(<MapDrawing map={MAP} layout={layoutOf(MAP.nodes.map(({ id }) => id), MAP.edges)} />);
  const heard: (string | null | undefined)[] = [];
  await userEvent.tab();
  for (let stop = 0; stop < MAP.nodes.length + MAP.edges.length; stop += 1) {
    heard.push(document.activeElement?.getAttribute("aria-label"));
    await userEvent.keyboard("{ArrowRight}");
  }
  expect(heard).toEqual([
    "browser people",
    "browser calls gateway: observed, 3.0 /s, 0.0 % errors, p95 12 ms",
    "gateway 1 of 1 up, service",
    "gateway calls auth: observed, 2.0 /s, 0.0 % errors, p95 12 ms",
    "auth 1 of 1 up, service",
    "auth calls sqlite: observed, not measured",
    "sqlite healthy, database",
  ]);
  expect(document.activeElement?.getAttribute("aria-label")).toBe("browser people");
  await userEvent.keyboard("{End}{ArrowUp}");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("auth calls sqlite: observed, not measured");
  await userEvent.tab();
  expect(document.activeElement).toBe(document.body);
  await userEvent.tab();
  expect(document.activeElement?.getAttribute("aria-label")).toBe("auth calls sqlite: observed, not measured");
});

test("a service and a call lead to their page", () => {
  render(<MapDrawing map={MAP} layout={layoutOf(MAP.nodes.map(({ id }) => id), MAP.edges)} />);
  const leads = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
  expect(leads).toEqual(["/operations/services/gateway", "/operations/services/gateway", "/operations/services/auth", "/operations/services/auth", "/operations/queries", "/operations/queries"]);
});
