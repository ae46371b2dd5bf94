/** SQL in coloured pieces and in lines. Pure, so that it can be tested. */

export interface Piece {
  text: string;
  kind: "key" | "fn" | "";
}

const KEYS = new Set(
  ("select from where and or not in is null as on join left inner outer cross order by group having limit offset insert into values update set delete " +
    "with recursive union all distinct case when then else end exists between like asc desc returning begin commit rollback immediate conflict do nothing for").split(" "),
);
const CLAUSES = /\s+(?=(?:FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|VALUES|SET|RETURNING|LEFT OUTER JOIN|JOIN|ON CONFLICT)\b)/giu;
const WORDS = /([A-Za-z_]\w*)(\s*\()?/gu;

/** A statement with each clause on a line of its own. */
export function inLines(statement: string): string {
  return statement.replace(CLAUSES, "\n");
}

/** Keywords and functions told from all else. */
export function pieces(statement: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of statement.matchAll(WORDS)) {
    const [, word = "", call] = match;
    const kind = KEYS.has(word.toLowerCase()) ? "key" : call !== undefined ? "fn" : "";
    if (!kind) continue;
    if (match.index > end) found.push({ text: statement.slice(end, match.index), kind: "" });
    found.push({ text: word, kind });
    end = match.index + word.length;
  }
  if (end < statement.length) found.push({ text: statement.slice(end), kind: "" });
  return found;
}
