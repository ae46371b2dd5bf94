import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { StatusDot, upInWords, type Status } from "./Status";

const STATUSES: readonly Status[] = ["healthy", "degraded", "down", "unknown"];

test("what was not measured has a neutral dot, and only what is healthy a green one", () => {
  const dots = STATUSES.map((status) => render(<StatusDot status={status} />).container.firstElementChild?.className);
  expect(dots).toEqual(["dot ok", "dot warn", "dot bad", "dot"]);
});

test("what was not measured says so, whatever is known beside", () => {
  const instances = { up: 1, known: 2 };
  expect(STATUSES.map((status) => upInWords(status, instances))).toEqual(["1 of 2 up", "degraded, 1 of 2 up", "down, 1 of 2 up", "not measured"]);
  expect(STATUSES.map((status) => upInWords(status, null))).toEqual(["healthy", "degraded", "down", "not measured"]);
});
