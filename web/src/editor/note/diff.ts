/** What differs between two texts, line by line, as two columns side by side. Pure. */

export interface Row {
  /** "same", "changed" on both sides, or only on one. */
  kind: "same" | "changed" | "left" | "right";
  left: string | null;
  right: string | null;
}

/** Beyond this many line pairs the middle is shown as changed as a whole. */
const LARGEST_TABLE = 1_000_000;

export function compareLines(left: string, right: string): Row[] {
  const a = left === "" ? [] : left.split("\n");
  const b = right === "" ? [] : right.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (line: string): Row => ({ kind: "same", left: line, right: line });
  return [
    ...a.slice(0, start).map(same),
    ...pair(middle(a.slice(start, a.length - end), b.slice(start, b.length - end))),
    ...a.slice(a.length - end).map(same),
  ];
}

export function countChanges(rows: readonly Row[]): number {
  return rows.filter((row) => row.kind !== "same").length;
}

/** Longest common subsequence by the usual table. */
function middle(a: readonly string[], b: readonly string[]): Row[] {
  const alone = (kind: "left" | "right") => (line: string): Row =>
    kind === "left" ? { kind, left: line, right: null } : { kind, left: null, right: line };
  if (a.length * b.length > LARGEST_TABLE) return [...a.map(alone("left")), ...b.map(alone("right"))];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const rows: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const one = a[i];
    const other = b[j];
    if (one !== undefined && one === other) {
      rows.push({ kind: "same", left: one, right: one });
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      rows.push(alone("left")(one));
      i += 1;
    } else {
      rows.push(alone("right")(other ?? ""));
      j += 1;
    }
  }
  return rows;
}

/** Put a run of removed lines next to the run of added ones that replaced it. */
function pair(rows: readonly Row[]): Row[] {
  const result: Row[] = [];
  let left: string[] = [];
  let right: string[] = [];
  const close = (): void => {
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      const [mine, theirs] = [left[at] ?? null, right[at] ?? null];
      const kind = mine !== null && theirs !== null ? "changed" : mine !== null ? "left" : "right";
      result.push({ kind, left: mine, right: theirs });
    }
    [left, right] = [[], []];
  };
  for (const row of rows) {
    if (row.kind === "left") left.push(row.left ?? "");
    else if (row.kind === "right") right.push(row.right ?? "");
    else {
      close();
      result.push(row);
    }
  }
  close();
  return result;
}
