/** A part of the operations page: a title, what it holds, or why it cannot be shown. */
import { useId, type ReactElement, type ReactNode } from "react";

export { Answer, Nothing, Sideways } from "../ui";

interface CardProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Card({ title, note, action, wide, children }: CardProps): ReactElement {
  const name = useId();
  return (
    <section className={wide ? "card panel op-card op-wide" : "card panel op-card"} aria-labelledby={name}>
      <header className="card-h">
        <h2 id={name}>{title}</h2>
        <span className="t3 f12 trunc grow">{note}</span>
        {action}
      </header>
      {children}
    </section>
  );
}
