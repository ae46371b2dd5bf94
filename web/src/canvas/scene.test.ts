/** Putting shapes beside others keeps both and every tie between them. */
import { expect, test } from "vitest";
import { beside, countShapes, emptyScene, sceneOf } from "./scene";

const box = (id: string, x: number, more: object = {}) => ({ id, type: "rectangle", x, y: 5, width: 100, height: 40, groupIds: ["g"], ...more });

test("added shapes stand right of the others, under new ids, with their bindings kept", () => {
  const there = { ...emptyScene(), elements: [box("a", 0), box("b", 300)] };
  const arrow = { ...box("line", 40), type: "arrow", startBinding: { elementId: "a", gap: 1 }, endBinding: null };
  const added = { ...emptyScene(), elements: [box("a", -50, { boundElements: [{ id: "line", type: "arrow" }] }), arrow] };
  let made = 0;
  const both = beside(there, added, () => `new${(made += 1)}`);
  const [, , first, second] = both.elements as Record<string, unknown>[];
  expect(countShapes(both)).toBe(4);
  expect(first).toMatchObject({ id: "new1", x: 480, groupIds: ["new2"], boundElements: [{ id: "new3" }] });
  expect(second).toMatchObject({ id: "new3", startBinding: { elementId: "new1", gap: 1 }, groupIds: ["new2"] });
  expect(both.elements.slice(0, 2)).toEqual(there.elements);
});

test("beside nothing they keep their ids", () => {
  const added = { ...emptyScene(), elements: [box("a", 7)] };
  expect(beside(null, added, () => "x").elements).toEqual(added.elements);
});

test("a document keeps living shapes, used files and its own settings only", () => {
  const scene = sceneOf(
    [box("a", 0), box("gone", 0, { isDeleted: true }), { id: "p", type: "image", fileId: "f1" }],
    { viewBackgroundColor: "#fff", scrollX: 9, zoom: { value: 2 } },
    { f1: { id: "f1" }, f2: { id: "f2" } },
  );
  expect(scene.elements).toHaveLength(2);
  expect(scene.appState).toEqual({ viewBackgroundColor: "#fff" });
  expect(Object.keys(scene.files)).toEqual(["f1"]);
});
