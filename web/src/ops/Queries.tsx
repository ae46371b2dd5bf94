/** Statements by the time they took in all; the chosen one with its plan and what would help. */
import { useQuery } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useState, type ReactElement } from "react";
import { operations, type QueryFigures } from "../api";
import { Button, exactly, figure, say, sayFailure } from "../ui";
import { Answer, Card, Nothing, Sideways } from "./Card";
import { duration } from "./figures";

export function Queries(): ReactElement {
  const [shape, setShape] = useState<string>();
  const query = useQuery({ queryKey: ["ops", "queries"], queryFn: ({ signal }) => operations.queries(signal) });
  const chosen = query.data?.items.find((one) => one.shape === shape) ?? query.data?.items[0];
  return (
    <Card title="Slow queries" note="by total time, since the start" wide>
      <Answer of={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>No data yet: no statement has run.</Nothing>
          ) : (
            <div className="op-queries">
              <Sideways label="Statements">
                <table>
                  <thead>
                    <tr>
                      <th>Statement</th>
                      <th className="num">Mean</th>
                      <th className="num">p99</th>
                      <th className="num">Calls</th>
                      <th className="num">Total</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.slice(0, 8).map((one) => (
                      <tr key={one.shape} className={one === chosen ? "sel" : ""}>
                        <td className="op-error">
                          <button type="button" className="linkish trunc mono" aria-pressed={one === chosen} onClick={() => setShape(one.shape)}>
                            {one.statement}
                          </button>
                        </td>
                        <td className="num">{duration(one.mean_seconds)}</td>
                        <td className="num">{duration(one.p99_seconds)}</td>
                        <td className="num">{figure(one.calls)}</td>
                        <td className="num b6">{duration(one.total_seconds)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Sideways>
              {chosen && <Plan query={chosen} />}
            </div>
          )
        }
      </Answer>
    </Card>
  );
}

function Plan({ query }: { query: QueryFigures }): ReactElement {
  const copy = () => navigator.clipboard.writeText(query.statement).then(() => say("Statement copied"), () => sayFailure("The statement was not copied."));
  return (
    <div className="op-plan">
      <div className="row">
        <h3>Statement</h3>
        <span className="t3 f12 grow">{query.service}</span>
        <Button size="s" icon={Copy} onClick={() => void copy()}>
          Copy
        </Button>
      </div>
      <pre tabIndex={0}>{query.statement}</pre>
      <h3>Plan {query.plan_at && <span className="t3 f12">{exactly(query.plan_at)}</span>}</h3>
      <pre tabIndex={0}>{query.plan || "No data yet: plans are taken of slow statements."}</pre>
      {query.hint && <p>{query.hint}</p>}
      {query.repeated > 0 && <p>In {figure(query.repeated)} requests it ran again and again.</p>}
    </div>
  );
}
