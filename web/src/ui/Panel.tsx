/** Parts that pages of figures and lists are made of: a titled card, a table that moves sideways, an answer or its lack. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, type ReactElement, type ReactNode } from "react";
import { Failure } from "./Failure";

interface PanelProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, note, action, children }: PanelProps): ReactElement {
  const id = useId();
  return (
    <section className="card panel" aria-labelledby={id}>
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
    <div className="sideways" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
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
