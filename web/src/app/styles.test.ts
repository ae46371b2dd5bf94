/** Styles of all parts end up on one page: a class that two parts begin a rule with is a fight between them. */
import { expect, test } from "vitest";

const sheets = import.meta.glob<string>("../*/**/*.css", { query: "?raw", import: "default", eager: true });
const SHARED = /^\.\.\/ui\//;

/** Classes that a sheet's rules begin with: `.tabs > .on` begins with `tabs`. */
function begins(sheet: string): Set<string> {
  const rules = sheet.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/(?:^|[{}])\s*([^{}@]+)\{/g);
  const selectors = [...rules].flatMap(([, group]) => (group ?? "").split(","));
  return new Set(selectors.map((one) => /^\s*\.([\w-]+)/.exec(one)?.[1]).filter((name) => name !== undefined));
}

test("no two parts of the page style the same class from its root", () => {
  const owners = new Map<string, string[]>();
  for (const [path, sheet] of Object.entries(sheets)) {
    if (SHARED.test(path)) continue;
    for (const name of begins(sheet)) owners.set(name, [...(owners.get(name) ?? []), path]);
  }
  expect(owners.size).toBeGreaterThan(50);
  expect([...owners].filter(([, paths]) => paths.length > 1)).toEqual([]);
});
