/** Walking, focusing, zooming and the safety of inlined pictures. */
import { describe, expect, test } from "vitest";
import { graphOf, lineOf, nearby, tab, walk } from "./graph";
import { pictureOf } from "./svg";
import { fit, reveal, stepZoom, wheelZoom, zoomAt } from "./viewport";

const graph = graphOf(["gw", "cart", "pay", "db"], ["gw|cart|0", "gw|pay|1", "cart|db|2", "cart|db|2"]);

describe("ids", () => {
  test("a line names its two cards and its place in the model", () => {
    expect(lineOf("a|b|12")).toEqual({ id: "a|b|12", source: "a", target: "b", index: 12 });
    expect(lineOf("a|b")).toMatchObject({ source: "a", target: "b", index: null });
    expect(lineOf("a")).toBeNull();
  });

  test("a bar inside a card's id is told apart by the cards there are", () => {
    const line = lineOf("x|y|z|4", new Set(["x|y", "z"]));
    expect(line).toMatchObject({ source: "x|y", target: "z", index: 4 });
  });

  test("parts of the same line are one line", () => {
    expect(graph.lines).toHaveLength(3);
  });
});

describe("walking", () => {
  test("right follows a call and goes on to its target, left goes back", () => {
    const line = walk(graph, { kind: "card", id: "gw" }, "ArrowRight", "gw");
    expect(line).toEqual({ kind: "line", id: "gw|cart|0" });
    expect(walk(graph, line, "ArrowDown", "gw")).toEqual({ kind: "line", id: "gw|pay|1" });
    expect(walk(graph, line, "ArrowRight", "gw")).toEqual({ kind: "card", id: "cart" });
    expect(walk(graph, line, "ArrowLeft", "gw")).toEqual({ kind: "card", id: "gw" });
  });

  test("Tab passes every card once and then lets the focus go", () => {
    expect(tab(graph, null, 1)?.id).toBe("gw");
    expect(tab(graph, { kind: "card", id: "gw" }, 1)?.id).toBe("cart");
    expect(tab(graph, { kind: "card", id: "db" }, 1)).toBeNull();
    expect(tab(graph, { kind: "card", id: "gw" }, -1)).toBeNull();
  });

  test("focus keeps what is one step away", () => {
    const near = nearby(graph, { kind: "card", id: "cart" });
    expect([...near.cards].sort()).toEqual(["cart", "db", "gw"]);
    expect([...near.lines].sort()).toEqual(["cart|db|2", "gw|cart|0"]);
  });
});

describe("zooming", () => {
  test("the point under the pointer stays", () => {
    const view = { x: 10, y: 20, zoom: 1 };
    const next = zoomAt(view, 2, 110, 220);
    expect((110 - next.x) / next.zoom).toBeCloseTo((110 - view.x) / view.zoom);
    expect((220 - next.y) / next.zoom).toBeCloseTo((220 - view.y) / view.zoom);
  });

  test("everything fits, and a small picture is not blown up", () => {
    expect(fit({ width: 2_000, height: 500 }, { width: 1_048, height: 1_000 }).zoom).toBeCloseTo(0.5);
    expect(fit({ width: 100, height: 100 }, { width: 1_000, height: 1_000 })).toEqual({ x: 450, y: 450, zoom: 1 });
  });

  test("steps and wheel stay within limits", () => {
    expect(stepZoom(1, 1)).toBe(1.1);
    expect(stepZoom(1, -1)).toBe(0.9);
    expect(stepZoom(8, 1)).toBe(8);
    expect(wheelZoom(8, -1_000)).toBe(8);
    expect(wheelZoom(1, 100)).toBeLessThan(1);
  });

  test("a hidden card is brought in with the smallest move", () => {
    const view = reveal({ x: 0, y: 0, zoom: 1 }, { x: 900, y: 40, width: 100, height: 50 }, { width: 500, height: 500 });
    expect(view).toEqual({ x: -532, y: 0, zoom: 1 });
  });
});

describe("a picture from the server", () => {
  test("keeps its ids and loses everything that runs or reaches out", () => {
    const picture = pictureOf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" onload="x()">
      <rect width="100%" height="100%" fill="#fff"/><script>x()</script>
      <g data-node="cart" onclick="x()"><rect width="10" height="10"/></g>
      <a href="https://outside.example"><text>t</text></a>
      <image href="https://outside.example/x.png"/>
      <path data-edge="a|b|0" d="M0 0" style="fill:url(https://outside.example/x)"/>
      <foreignObject><b>t</b></foreignObject><style>@import "https://outside.example/x.css";</style></svg>`);
    const text = picture?.outerHTML ?? "";
    expect(text).toContain('data-node="cart"');
    expect(text).toContain('data-edge="a|b|0"');
    expect(text).toContain('width="200"');
    for (const bad of ["script", "onload", "onclick", "outside", "foreignObject"]) expect(text).not.toContain(bad);
  });
});
