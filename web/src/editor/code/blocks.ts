/** Which lines of Mermaid code can be folded away together. Pure. */

const OPENS = /^\s*(?:subgraph|alt|opt|loop|par|critical|break|rect|box|group)\b|^\s*(?:class|namespace|state|block)\b[^{]*\{\s*$|\{\s*$/u;
const CLOSES = /^\s*(?:end\b|\})/u;

/** The last line of the block that opens on line `from` (both count from 0), or null. */
export function blockEnd(lines: readonly string[], from: number): number | null {
  if (!OPENS.test(lines[from] ?? "")) return null;
  let depth = 0;
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (CLOSES.test(line)) depth -= 1;
    else if (OPENS.test(line)) depth += 1;
    if (depth === 0) return at > from + 1 ? at : null;
  }
  return null;
}
