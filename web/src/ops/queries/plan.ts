/** Plans as SQLite and PostgreSQL print them, read into steps. Pure, so that it can be tested. */

export interface Step {
  depth: number;
  /** What is done: "SCAN documents", "Seq Scan on documents". */
  title: string;
  /** What more is said of it. */
  detail: string;
  /** Its part of the whole cost, 0 to 1; nothing where the database names no cost. */
  share: number | undefined;
  /** Reads a whole table that an index would spare. */
  isScan: boolean;
}

const COSTED = /^(?<title>.*?)\s+\(cost=[\d.]+\.\.(?<cost>[\d.]+) rows=(?<rows>\d+) width=\d+\)$/u;
const SCAN = /(?:^SCAN |Seq Scan on )(?<table>\w+)/u;
const INDENT = 2;

/** The steps of a plan, outermost first; none where there is no plan. */
export function stepsOf(plan: string, hint: string): Step[] {
  const lines = plan.split("\n").filter((line) => line.trim());
  return lines.some((line) => COSTED.test(line.trim())) ? postgres(lines, hint) : sqlite(lines, hint);
}

function sqlite(lines: readonly string[], hint: string): Step[] {
  return lines.map((line) => {
    const title = line.trim();
    return { depth: Math.floor((line.length - line.trimStart().length) / INDENT), title, detail: "", share: undefined, isScan: scans(title, hint) };
  });
}

function postgres(lines: readonly string[], hint: string): Step[] {
  const steps: (Step & { cost: number })[] = [];
  const columns: number[] = [];
  for (const line of lines) {
    const found = COSTED.exec(line.replace(/^\s*(?:->\s*)?/u, ""));
    const last = steps.at(-1);
    if (!found?.groups) {
      if (last) last.detail = [last.detail, line.trim()].filter(Boolean).join("; ");
      continue;
    }
    const { title = "", cost = "0", rows = "0" } = found.groups;
    const column = line.length - line.trimStart().length;
    while (columns.length > 0 && (columns.at(-1) ?? 0) >= column) columns.pop();
    steps.push({ depth: columns.length, title, detail: `${Number(rows)} rows`, share: undefined, isScan: scans(title, hint), cost: Number(cost) });
    columns.push(column);
  }
  const whole = steps[0]?.cost ?? 0;
  return steps.map(({ cost, ...step }) => ({ ...step, share: whole > 0 ? Math.min(1, cost / whole) : undefined }));
}

/** Only a scan that the hint is about is worth a warning: a table of ten rows is best read whole. */
function scans(title: string, hint: string): boolean {
  const table = SCAN.exec(title)?.groups?.["table"];
  return table !== undefined && !/ USING /u.test(title) && hint.includes(` on ${table} (`);
}
