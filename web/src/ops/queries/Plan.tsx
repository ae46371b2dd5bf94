/** One statement in full, the plan that the database would take, and what would help. */
import { Copy, Info, Repeat } from "lucide-react";
import type { ReactElement } from "react";
import type { QueryFigures } from "../../api";
import { ago, Button, exactly, figure, Icon, say, sayFailure } from "../../ui";
import { duration } from "../figures";
import { stepsOf, type Step } from "./plan";
import { inLines, pieces } from "./sql";

export function Sql({ text }: { text: string }): ReactElement {
  return (
    <>
      {pieces(text).map(({ text: piece, kind }, index) => (
        <span key={index} className={kind && `op-sql-${kind}`}>
          {piece}
        </span>
      ))}
    </>
  );
}

export function Plan({ query }: { query: QueryFigures }): ReactElement {
  const steps = stepsOf(query.plan, query.hint);
  const copy = () => navigator.clipboard.writeText(query.statement).then(() => say("Statement copied"), () => sayFailure("The statement was not copied."));
  return (
    <section className="op-plan" aria-label="Plan">
      <div className="row">
        <h3>Plan</h3>
        <span className="t3 f12 grow" title={query.plan_at ? exactly(query.plan_at) : undefined}>
          {[query.plan_at && ago(query.plan_at), query.service, `slowest ${duration(query.slowest_seconds)}`].filter(Boolean).join(", ")}
        </span>
        <Button size="xs" icon={Copy} onClick={() => void copy()}>
          Copy
        </Button>
      </div>
      <pre tabIndex={0} aria-label="Statement">
        <Sql text={inLines(query.statement)} />
      </pre>
      {steps.length > 0 ? (
        <ul className="op-steps">
          {steps.map((step, index) => (
            <Line key={index} step={step} />
          ))}
        </ul>
      ) : (
        <p className="t3">{query.slow > 0 ? "No plan: the database has none for this statement." : "No data yet: plans are taken of statements that take over 100 ms."}</p>
      )}
      {query.hint && (
        <p className="op-hint">
          <Icon of={Info} />
          {query.hint}
        </p>
      )}
      {query.repeated > 0 && (
        <p className="op-hint">
          <Icon of={Repeat} />
          {figure(query.repeated)} {query.repeated === 1 ? "request" : "requests"} ran it ten times or more: one statement for all would do.
        </p>
      )}
    </section>
  );
}

function Line({ step }: { step: Step }): ReactElement {
  return (
    <li>
      <span className="trunc" style={{ paddingLeft: step.depth * 16 }} title={step.title}>
        {step.depth > 0 && <i className="op-elbow" />}
        <span className={step.isScan ? "bad b6" : "b5"}>{step.title}</span>
      </span>
      <span className="t3 f12 trunc" title={step.detail}>
        {step.isScan && !step.detail ? "reads all of it" : step.detail}
      </span>
      {step.share !== undefined && (
        <span className="op-bar" title={`${Math.round(step.share * 100)} % of the cost`}>
          <i className={step.isScan ? "bad" : ""} style={{ width: `${step.share * 100}%` }} />
        </span>
      )}
    </li>
  );
}
