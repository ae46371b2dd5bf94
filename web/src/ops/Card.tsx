/** A part of the operations page: a title, what it holds, or why it cannot be shown. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, type ReactElement, type ReactNode } from "react";
import { Failure } from "../ui";

interface CardProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Card({ title, note, action, wide, children }: CardProps): ReactElement {
  const id = useId();
  return (
    <section className={wide ? "card op-card op-wide" : "card op-card"} aria-labelledby={id}>
      <header className="card-h">
        <h2 id={id}>{title}</h2>
        <span className="t3 f12 trunc grow">{note}</span>
        {action}
      </header>
      {children}
    </section>
  );
}

/** A table that may be wider than the page: it moves sideways, by keys too. */
export function Sideways({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div className="op-sideways" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

export function Nothing({ children }: { children: ReactNode }): ReactElement {
  return <p className="op-nothing">{children}</p>;
}

/** What a question was answered with, or what stands in its place. */
export function Answer<T>({ of: query, children }: { of: UseQueryResult<T>; children: (data: T) => ReactNode }): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure title="This part did not answer" error={query.error} retry={() => void query.refetch()} />;
  return <div className="sk later op-waiting" />;
}
