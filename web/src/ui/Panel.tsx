/** Parts that pages of figures and lists are made of: a titled card, a table that moves sideways, an answer or its lack. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useId, useLayoutEffect, useRef, type FocusEvent, type ReactElement, type ReactNode } from "react";
import { Failure } from "./Failure";

interface PanelProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, note, action, className, children }: PanelProps): ReactElement {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const kept = useKeptFocus(heading);
  return (
    <section className={className ? `card panel ${className}` : "card panel"} aria-labelledby={id} {...kept}>
      <header className="card-h">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <span className="t3 f12 trunc grow">{note}</span>
        {action}
      </header>
      {children}
    </section>
  );
}

/** A button that goes with its row takes the focus along: the heading has it then, and the way goes on from there. */
function useKeptFocus(heading: { current: HTMLElement | null }): { onFocus: (event: FocusEvent) => void; onBlur: () => void } {
  const held = useRef<Element>(null);
  useEffect(() => {
    if (!held.current || held.current.isConnected) return;
    held.current = null;
    if (document.activeElement === document.body) heading.current?.focus();
  });
  return {
    onFocus: (event) => {
      held.current = event.target;
    },
    onBlur: () => {
      held.current = null;
    },
  };
}

/** A table that may be wider than the page: it moves sideways, by keys too. Rows of one of class `cards` are cards on a phone. */
export function Sideways({ label, children }: { label: string; children: ReactNode }): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => frame.current?.querySelectorAll<HTMLTableElement>(":scope > .cards").forEach(nameCells));
  return (
    <div className="sideways" ref={frame} role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** Every cell carries the head of its column, which a card shows beside it; the first one says what the row is. */
function nameCells({ tHead, tBodies }: HTMLTableElement): void {
  const heads = [...(tHead?.rows[0]?.cells ?? [])].map((head) => (head.querySelector(".hidden-text, .chk") ? "" : (head.textContent ?? "")));
  const first = heads.findIndex(Boolean);
  for (const row of tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, at) => {
      if (heads[at] && at > first && !cell.matches(".lead")) cell.dataset["head"] = heads[at];
    });
  }
}

/** What stands where there is nothing. */
export function Nothing({ children }: { children: ReactNode }): ReactElement {
  return <p className="nothing">{children}</p>;
}

/** What a question was answered with, or what stands in its place. */
export function Answer<T>({ of: query, children }: { of: UseQueryResult<T>; children: (data: T) => ReactNode }): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure title="This part did not answer" error={query.error} retry={() => void query.refetch()} />;
  return <div className="sk later panel-waiting" />;
}
