/** What the highlighter says about Mermaid, and what folds. */
import { StringStream } from "@codemirror/language";
import { describe, expect, test } from "vitest";
import { blockEnd } from "./blocks";
import { mermaidParser } from "./mermaid";

/** The pieces of `code` with their kinds, spaces left out. */
function pieces(code: string): string[][] {
  const place = mermaidParser.startState?.(2);
  if (!place) throw new Error("The parser has no start.");
  return code.split("\n").map((text) => {
    const stream = new StringStream(text, 2, 2);
    const found: string[] = [];
    while (!stream.eol()) {
      stream.start = stream.pos;
      const kind = mermaidParser.token(stream, place);
      if (kind) found.push(`${kind}:${stream.current()}`);
    }
    return found;
  });
}

describe("highlighting", () => {
  test("links, labels and names of a flowchart", () => {
    expect(pieces("flowchart LR\n  chk[Check out] -->|POST /pay| pay-svc\nend")).toEqual([
      ["head:flowchart", "way:LR"],
      ["name:chk", "label:Check out", "link:-->", "label:|", "label:POST /pay", "label:|", "name:pay-svc"],
      ["word:end"],
    ]);
  });

  test("messages of a sequence diagram", () => {
    expect(pieces("sequenceDiagram\n  a->>b: Hello - there")).toEqual([
      ["head:sequenceDiagram"],
      ["name:a", "link:->>", "name:b", "link::", "label: Hello - there"],
    ]);
  });

  test("comments, directives and settings on top", () => {
    expect(pieces("---\ntitle: x\n---\n%%{init: {}}%%\n%% note --> not a link")).toEqual([
      ["setting:---"],
      ["word:title", "label:: x"],
      ["setting:---"],
      ["setting:%%{init: {}}%%"],
      ["note:%% note --> not a link"],
    ]);
  });

  test("a label that is never closed ends with its line", () => {
    expect(pieces("a -->|open b\nc --> d")[1]).toEqual(["name:c", "link:-->", "name:d"]);
  });

  test("it always moves on, whatever it is given", () => {
    const odd = 'a|b]]]{{{((("%%"~~~:::<>-.->=x=|"\\//\u{1F600}[[';
    for (let at = 0; at < odd.length; at += 1) expect(pieces(odd.slice(at)).length).toBe(1);
  });
});

describe("folding", () => {
  const lines = ["subgraph a", "  subgraph b", "    x", "  end", "  y", "end", "subgraph c", "end"];
  test("a block folds to its own end", () => {
    expect(blockEnd(lines, 0)).toBe(5);
    expect(blockEnd(lines, 1)).toBe(3);
  });
  test("an empty block and a plain line do not fold", () => {
    expect(blockEnd(lines, 6)).toBeNull();
    expect(blockEnd(lines, 2)).toBeNull();
  });
});
