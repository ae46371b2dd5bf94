/** Statements by the time they took in all; the chosen one with its plan and what would help. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { Link } from "wouter";
import { operations, type QueryAsk, type QueryFigures } from "../../api";
import { Answer, Choice, Field, figure } from "../../ui";
import { Card, Nothing, Sideways } from "../Card";
import { duration } from "../figures";
import { Plan, Sql } from "./Plan";

const AGAIN_MS = 15_000;
const FIRST_LOOK = 6;
const SLOW_SECONDS = 0.1;
const ORDERS: readonly (readonly [QueryAsk, string])[] = [
  ["total", "By total time"],
  ["mean", "By mean"],
  ["p99", "By p99"],
  ["calls", "By calls"],
];

const useQueries = (sort: QueryAsk) =>
  useQuery({ queryKey: ["ops", "queries", sort], queryFn: ({ signal }) => operations.queries(sort, signal), refetchInterval: AGAIN_MS, placeholderData: keepPreviousData });

/** How many shapes of statements have been slow. */
export const useSlowCount = (): number | undefined => useQueries("total").data?.items.filter(({ slow }) => slow > 0).length;

export function QueriesCard(): ReactElement {
  const query = useQueries("total");
  const all = (
    <Link href="/operations/queries" className="btn s ghost">
      All {query.data ? figure(query.data.items.length) : ""}
    </Link>
  );
  return (
    <Card title="Slow queries" note="by total time, since the start" action={all} wide>
      <Answer of={query}>{({ items }) => <Statements items={items.slice(0, FIRST_LOOK)} nothing="No data yet: no statement has run." />}</Answer>
    </Card>
  );
}

export function QueriesPage(): ReactElement {
  const [words, setWords] = useState("");
  const [sort, setSort] = useState<QueryAsk>("total");
  const query = useQueries(sort);
  const wanted = words.toLowerCase().trim();
  return (
    <Card title="Statements" note={query.data && `${figure(query.data.items.length)} shapes, since the start; slow means over 100 ms`} wide>
      <div className="op-filters">
        <Field label="Find" type="search" placeholder="Table, column or service" value={words} onText={setWords} />
        <Choice label="Order" value={sort} options={ORDERS} onPick={(one) => setSort(one as QueryAsk)} />
      </div>
      <Answer of={query}>
        {({ items }) => (
          <Statements
            items={items.filter(({ statement, service }) => `${service} ${statement}`.toLowerCase().includes(wanted))}
            nothing={items.length === 0 ? "No data yet: no statement has run." : "No statement matches."}
            isLong
          />
        )}
      </Answer>
    </Card>
  );
}

interface StatementsProps {
  items: readonly QueryFigures[];
  nothing: string;
  /** The list moves by itself, so that the plan stays in sight. */
  isLong?: boolean;
}

function Statements({ items, nothing, isLong = false }: StatementsProps): ReactElement {
  const [key, setKey] = useState<string>();
  const chosen = items.find((one) => keyOf(one) === key) ?? items[0];
  if (!chosen) return <Nothing>{nothing}</Nothing>;
  return (
    <div className={isLong ? "op-queries op-long-list" : "op-queries"}>
      <Sideways label="Statements">
        <table>
          <thead>
            <tr>
              <th>Statement</th>
              <th className="num">Mean</th>
              <th className="num">p99</th>
              <th className="num">Calls</th>
              <th className="num">Slow</th>
              <th className="num">Total</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={keyOf(one)} className={one === chosen ? "sel" : ""}>
                <td className="op-error">
                  <button type="button" className="linkish trunc mono" aria-pressed={one === chosen} onClick={() => setKey(keyOf(one))}>
                    <Sql text={one.statement} />
                  </button>
                </td>
                <td className={(one.mean_seconds ?? 0) > SLOW_SECONDS ? "num bad b6" : "num"}>{duration(one.mean_seconds)}</td>
                <td className="num">{duration(one.p99_seconds)}</td>
                <td className="num">{figure(one.calls)}</td>
                <td className="num">{figure(one.slow)}</td>
                <td className="num b5">{duration(one.total_seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Sideways>
      <Plan query={chosen} />
    </div>
  );
}

/** The same statement may run for several services. */
const keyOf = ({ service, shape }: QueryFigures): string => `${service} ${shape}`;
