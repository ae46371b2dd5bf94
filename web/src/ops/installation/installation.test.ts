import { expect, test } from "vitest";
import type { Flag, Setting } from "../../api";
import { audience } from "./flag";
import { withLevel } from "./LogLevelsCard";
import { differing, found } from "./settings";

const setting = (name: string, value: string, is_default: boolean, ...services: string[]) => ({ name, value, is_default, is_secret: false, services }) as Setting;
const SETTINGS = [setting("A", "1", true, "auth"), setting("C", "3", false, "auth"), setting("B", "2", false, "auth"), setting("PORT", "1", false, "auth"), setting("PORT", "2", false, "watch")];

test("what somebody has set comes first, then by name", () => {
  expect(found(SETTINGS, "").map(({ name }) => name)).toEqual(["B", "C", "PORT", "PORT", "A"]);
});

test("settings are found by name, value and service", () => {
  expect(found(SETTINGS, "port watch").map(({ value }) => value)).toEqual(["2"]);
  expect(found(SETTINGS, "nothing")).toEqual([]);
});

test("a name with two values differs", () => {
  expect([...differing(SETTINGS)]).toEqual(["PORT"]);
});

test("whom a flag is for is said in words", () => {
  const flag: Flag = { key: "a", description: "", on: true, off: false, enabled: true, percentage: 100, allow: [], deny: [], environments: [], version: 1 };
  expect(audience(flag)).toBe("For everybody.");
  expect(audience({ ...flag, percentage: 20, allow: ["a", "b"], deny: ["c"], environments: ["production"] })).toBe("For 20 % of people, 2 names always, 1 name never, only in production.");
  expect(audience({ ...flag, enabled: false, percentage: 0 })).toBe("For nobody; switched off for all now.");
});

test("a level that is taken back leaves the others", () => {
  const levels = withLevel(withLevel({ default: "", modules: {} }, "auth", "debug"), "export", "info");
  expect(withLevel(levels, "auth", "").modules).toEqual({ export: "info" });
});
