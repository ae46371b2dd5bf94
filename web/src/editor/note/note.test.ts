/** Notes are rendered safely, and two texts are compared line by line. */
import { describe, expect, test } from "vitest";
import { compareLines, countChanges } from "./diff";
import { countWords, readNote, toggleTask } from "./markdown";

describe("a note", () => {
  test("has tables and tasks whose boxes know their line", () => {
    const html = readNote("# Title\n\n- [ ] one\n- [x] two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n");
    expect(html).toContain('data-line="2"');
    expect(html).toMatch(/data-line="3"[^>]* checked/u);
    expect(html).toContain("<table>");
    expect(html).not.toContain("[x]");
  });

  test("runs nothing and loads nothing from elsewhere", () => {
    const html = readNote('<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![p](https://outside.example/p.png) <script>x</script>');
    const page = document.createElement("div");
    page.innerHTML = html;
    expect(page.querySelector("img, script, [onerror]")).toBeNull();
    const links = [...page.querySelectorAll("a")].map((link) => [link.getAttribute("href"), link.rel]);
    expect(links).toEqual([["https://outside.example/p.png", "noopener noreferrer"]]);
  });

  test("a tick changes its own line only", () => {
    expect(toggleTask("- [ ] a\n- [x] b", 1)).toBe("- [ ] a\n- [ ] b");
    expect(toggleTask("- [ ] a\n- [x] b", 0)).toBe("- [x] a\n- [x] b");
  });

  test("words are counted", () => {
    expect(countWords("One two-three it's 3.5")).toBe(4);
  });
});

describe("two texts side by side", () => {
  test("equal lines stand beside each other, replaced ones as a pair", () => {
    expect(compareLines("a\nb\nc", "a\nx\nc\nd")).toEqual([
      { kind: "same", left: "a", right: "a" },
      { kind: "changed", left: "b", right: "x" },
      { kind: "same", left: "c", right: "c" },
      { kind: "right", left: null, right: "d" },
    ]);
  });

  test("both sides can be read back from the rows, whatever the texts", () => {
    const words = ["a", "b", "", "c"];
    for (let seed = 0; seed < 300; seed += 1) {
      const text = (salt: number) => Array.from({ length: ((seed * salt) % 9) + 1 }, (_, i) => words[(seed * salt + i * (seed % 5)) % 4] ?? "").join("\n");
      const [left, right] = [text(3), text(7)];
      const rows = compareLines(left, right);
      const side = (name: "left" | "right") => rows.map((row) => row[name]).filter((line) => line !== null).join("\n");
      expect(side("left")).toBe(left);
      expect(side("right")).toBe(right);
      if (left === right) expect(countChanges(rows)).toBe(0);
    }
  });
});
