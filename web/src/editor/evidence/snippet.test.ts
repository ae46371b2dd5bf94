/** Snippets keep every character, and their numbers are the file's. */
import { expect, test } from "vitest";
import { linesOf, piecesOf, splitPath } from "./snippet";

test("colouring loses no character", () => {
  for (const line of ['const a = await http.post("x", `y`); // z', "PAYMENTS_URL: http://pay.shop:8080 # why", "  'open", "", "@FeignClient(name = \"a\")"]) {
    expect(piecesOf(line).map((piece) => piece.text).join("")).toBe(line);
  }
  expect(piecesOf('return post("x")').map((piece) => piece.kind)).toEqual(["key", "", "fn", "", "str", ""]);
});

test("the proving line has its number in the file, and shared indent goes", () => {
  expect(linesOf("    a\n      b\n    c", 42, 2)).toEqual([
    { number: 41, text: "a", proof: false },
    { number: 42, text: "  b", proof: true },
    { number: 43, text: "c", proof: false },
  ]);
});

test("a path keeps its name", () => {
  expect(splitPath("a/b/c.ts")).toEqual({ folder: "a/b/", name: "c.ts" });
  expect(splitPath("pom.xml")).toEqual({ folder: "", name: "pom.xml" });
});
