/** The documents of one place in one view, walked by arrows, drawn only near the window. */
import { useCallback, useEffect, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactElement } from "react";
import type { DocumentHead, User } from "../api";
import type { EntryActions } from "./entry";
import { Rows, type RowsHandle } from "./Rows";
import type { Range } from "./usePages";
import { useMedia, useWidth } from "../ui";
import { GridEntry, ListEntry, PhoneEntry } from "./views";

export type View = "grid" | "list" | "phone";

interface DocumentsProps {
  view: View;
  total: number;
  at: (index: number) => DocumentHead | undefined;
  me: User;
  actions: EntryActions;
  onRange: (range: Range) => void;
}

const ENTRIES = { grid: GridEntry, list: ListEntry, phone: PhoneEntry } as const;

const GUTTER = 24;
const GAP = 20;
const WORDS_BELOW = 52; // title and meta below a picture
const ROW_GAP = 24;
const LINE = 48;
const PHONE_LINE = 72;
const PHONE_WORDS = 73;
const SHAPE = 184 / 320;

function useColumns(view: View): number {
  const narrow = useMedia("(max-width: 899px)");
  const medium = useMedia("(max-width: 1199px)");
  if (view !== "grid") return 1;
  return narrow ? 2 : medium ? 3 : 4;
}

export function Documents({ view, total, at, me, actions, onRange }: DocumentsProps): ReactElement {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const rows = useRef<RowsHandle>(null);
  const { inner, bar } = useWidth(scroller);
  const columns = useColumns(view);
  const column = Math.max(120, (inner + bar - 2 * GUTTER - (columns - 1) * GAP) / columns);
  const leadHeight = Math.round((inner + bar - 32) * SHAPE) + PHONE_WORDS;

  const heightOf = (row: number) => {
    if (view === "grid") return Math.round(column * SHAPE) + WORDS_BELOW + ROW_GAP;
    return view === "list" ? LINE : row === 0 ? leadHeight : PHONE_LINE;
  };
  const report = useCallback(
    (first: number, last: number) => onRange({ first: first * columns, last: Math.min(total, (last + 1) * columns) - 1 }),
    [onRange, columns, total],
  );
  const walk = useWalk(rows, scroller, columns, total);

  const Entry = ENTRIES[view];
  const entry = (index: number) => (
    <Entry key={at(index)?.id ?? index} document={at(index)} index={index} total={total} me={me} actions={actions} />
  );
  const onKey = (event: KeyboardEvent) => {
    const index = indexOf(document.activeElement);
    const focused = index === null ? undefined : at(index);
    if (walk(event) || !focused) return;
    // Space presses a tick or a button by itself; on a title it selects.
    if (event.key === " " && !(event.target as HTMLElement).matches("a")) return;
    const run = keyAction(event.key, focused, actions);
    if (!run) return;
    event.preventDefault();
    run();
  };

  return (
    <div className={`documents ${view}`} ref={setScroller} tabIndex={-1} style={{ "--bar": `${bar}px` } as CSSProperties} onKeyDown={onKey} {...frame(view, total)}>
      {view === "list" && <ListHead />}
      <Rows handle={rows} scroller={scroller} count={Math.ceil(total / columns)} heightOf={heightOf} layout={`${view} ${columns} ${Math.round(column)}`} onRange={report}>
        {(row) => {
          if (view !== "grid") return entry(row);
          const indices = Array.from({ length: Math.min(columns, total - row * columns) }, (_, step) => row * columns + step);
          return (
            <div className="grid-row" role="presentation" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
              {indices.map((index) => entry(index))}
            </div>
          );
        }}
      </Rows>
    </div>
  );
}

function frame(view: View, total: number) {
  return view === "list"
    ? ({ role: "table", "aria-label": "Documents", "aria-rowcount": total + 1 } as const)
    : ({ role: "list", "aria-label": "Documents" } as const);
}

function ListHead(): ReactElement {
  return (
    <div className="line head" role="row" aria-rowindex={1}>
      <span role="columnheader">
        <span className="hidden-text">Selected</span>
      </span>
      <span role="columnheader">Name</span>
      <span role="columnheader">Origin</span>
      <span role="columnheader">Owner</span>
      <span role="columnheader" className="num">
        Edited
      </span>
      <span role="columnheader">
        <span className="hidden-text">Actions</span>
      </span>
    </div>
  );
}

function indexOf(element: Element | null): number | null {
  const index = element?.closest<HTMLElement>("[data-index]")?.dataset["index"];
  return index === undefined ? null : Number(index);
}

function keyAction(key: string, focused: DocumentHead, actions: EntryActions): (() => void) | null {
  if (key === " ") return () => actions.select(focused, !actions.selected.has(focused.id));
  if (actions.place === "trash") return null;
  if (key === "F2") return () => actions.rename(focused);
  return key === "Delete" ? () => actions.trash(focused) : null;
}

/**
 * Arrows, Home and End move the focus from document to document, also to those not fetched yet:
 * the list itself holds the focus until the document is here.
 */
function useWalk(rows: { current: RowsHandle | null }, scroller: HTMLElement | null, columns: number, total: number) {
  const goal = useRef<number | null>(null);
  useEffect(() => {
    if (goal.current === null || document.activeElement !== scroller) return;
    const target = scroller?.querySelector<HTMLElement>(`[data-index="${goal.current}"] :is(a, input)`);
    if (!target) return;
    goal.current = null;
    target.focus({ preventScroll: true });
  });
  return (event: KeyboardEvent): boolean => {
    const here = indexOf(document.activeElement) ?? (document.activeElement === scroller ? goal.current : null);
    if (here === null) return false;
    const steps: Record<string, number> = {
      ArrowRight: here + 1,
      ArrowLeft: here - 1,
      ArrowDown: here + columns,
      ArrowUp: here - columns,
      Home: 0,
      End: total - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return false;
    event.preventDefault();
    if (next < 0 || next >= total) return true;
    rows.current?.show(Math.floor(next / columns));
    const target = scroller?.querySelector<HTMLElement>(`[data-index="${next}"] :is(a, input)`);
    goal.current = target ? null : next;
    (target ?? scroller)?.focus({ preventScroll: true });
    return true;
  };
}
