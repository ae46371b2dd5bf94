import { expect, test } from "vitest";
import { stepsOf } from "./plan";
import { inLines, pieces } from "./sql";

const SQLITE = "QUERY PLAN\n  SCAN documents\n    SEARCH users USING INDEX ix (id=?)";
const POSTGRES = `Limit  (cost=10.00..20.00 rows=40 width=4)
  ->  Sort  (cost=10.00..18.00 rows=900 width=4)
        Sort Key: created_at
        ->  Hash Join  (cost=1.00..15.00 rows=900 width=4)
              Hash Cond: (v.document_id = d.id)
              ->  Seq Scan on versions v  (cost=0.00..10.00 rows=900 width=4)
                    Filter: (folder_id = 1)
              ->  Hash  (cost=1.00..1.00 rows=10 width=4)`;

test("a plan of SQLite is a tree by its indents", () => {
  const steps = stepsOf(SQLITE, "An index on documents (owner_id) would spare reading the whole table.");
  expect(steps.map(({ depth, title, isScan }) => [depth, title, isScan])).toEqual([
    [0, "QUERY PLAN", false],
    [1, "SCAN documents", true],
    [2, "SEARCH users USING INDEX ix (id=?)", false],
  ]);
  expect(steps.every(({ share }) => share === undefined)).toBe(true);
});

test("a plan of PostgreSQL is a tree with costs, and what belongs to a step stands with it", () => {
  const steps = stepsOf(POSTGRES, "An index on versions (folder_id) would spare reading the whole table.");
  expect(steps.map(({ depth, title }) => [depth, title])).toEqual([
    [0, "Limit"],
    [1, "Sort"],
    [2, "Hash Join"],
    [3, "Seq Scan on versions v"],
    [3, "Hash"],
  ]);
  expect(steps[1]?.detail).toBe("900 rows; Sort Key: created_at");
  expect(steps.map(({ share }) => share)).toEqual([1, 0.9, 0.75, 0.5, 0.05]);
  expect(steps.map(({ isScan }) => isScan)).toEqual([false, false, false, true, false]);
});

test("a scan that nobody warns of is none to worry about, and no plan has no steps", () => {
  expect(stepsOf("SCAN documents", "").map(({ isScan }) => isScan)).toEqual([false]);
  expect(stepsOf("SCAN documents USING COVERING INDEX ix", "An index on documents (a) would").map(({ isScan }) => isScan)).toEqual([false]);
  expect(stepsOf("", "")).toEqual([]);
});

test("the pieces of a statement are the statement", () => {
  const statement = "SELECT count(*) AS n, d.\"from\" FROM documents d WHERE d.id IN (?, …) ORDER BY lower(d.title)";
  const found = pieces(statement);
  expect(found.map(({ text }) => text).join("")).toBe(statement);
  expect(found.filter(({ kind }) => kind === "fn").map(({ text }) => text)).toEqual(["count", "lower"]);
  expect(found.filter(({ kind }) => kind === "key").map(({ text }) => text)).toContain("WHERE");
  expect(pieces("")).toEqual([]);
});

test("each clause has a line of its own", () => {
  expect(inLines("SELECT a FROM b WHERE c = ? ORDER BY d LIMIT ?")).toBe("SELECT a\nFROM b\nWHERE c = ?\nORDER BY d\nLIMIT ?");
});
