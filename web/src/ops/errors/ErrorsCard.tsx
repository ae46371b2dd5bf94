/** Equal failures together: what, where, how often, since when; each opens its story. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement, type ReactNode } from "react";
import { Link } from "wouter";
import { operations, type ErrorGroup, type ErrorState, type User } from "../../api";
import { ago, Answer, Choice, counted, exactly, figure, Pager } from "../../ui";
import { Card, Nothing, Sideways } from "../Card";
import { Chart } from "../charts/Chart";
import { nameOf, stateOf } from "./error";
import { Story } from "./Story";

const AGAIN_MS = 15_000;
const FIRST_LOOK = 6;
const STEP_SECONDS = 120;
const STATES: readonly (readonly [ErrorState | "", string])[] = [
  ["", "All but ignored"],
  ["new", "New"],
  ["ongoing", "Ongoing"],
  ["regressed", "Came back"],
  ["resolved", "Resolved"],
  ["ignored", "Ignored"],
];
const ORDERS = [
  ["last", "Newest first"],
  ["count", "Most first"],
] as const;
type Order = (typeof ORDERS)[number][0];

const useErrors = (ask: Parameters<typeof operations.errors>[0]) =>
  useQuery({ queryKey: ["ops", "errors", ask], queryFn: ({ signal }) => operations.errors(ask, signal), refetchInterval: AGAIN_MS, placeholderData: keepPreviousData });

/** How many groups there are that nobody has put aside. */
export const useErrorCount = (): number | undefined => useErrors({ sort: "last", page: 1 }).data?.total;

export function ErrorsCard({ me }: { me: User }): ReactElement {
  const query = useErrors({ sort: "last", page: 1 });
  const all = (
    <Link href="/operations/errors" className="btn s ghost">
      All {query.data ? figure(query.data.total) : ""}
    </Link>
  );
  return (
    <Card title="Error groups" note="newest first" action={all}>
      <Answer of={query}>{({ items }) => (items.length === 0 ? <Nothing>No error was recorded.</Nothing> : <Groups groups={items.slice(0, FIRST_LOOK)} me={me} />)}</Answer>
    </Card>
  );
}

export function ErrorsPage({ me }: { me: User }): ReactElement {
  const [state, setState] = useState<ErrorState | "">("");
  const [sort, setSort] = useState<Order>("last");
  const [page, setPage] = useState(1);
  const query = useErrors({ sort, page, ...(state && { state }) });
  return (
    <Card title="Error groups" note={query.data && `${figure(query.data.total)} in all`} wide>
      <div className="op-filters">
        <Choice
          label="State"
          value={state}
          options={STATES}
          onPick={(one) => {
            setState(one as ErrorState | "");
            setPage(1);
          }}
        />
        <Choice label="Order" value={sort} options={ORDERS} onPick={(one) => setSort(one as Order)} />
      </div>
      <Answer of={query}>
        {({ items, total, page_size }) => (
          <>
            {items.length === 0 ? <Nothing>{state ? "No error is in this state." : "No error was recorded."}</Nothing> : <Groups groups={items} me={me} whole />}
            <Pager page={page} pageSize={page_size} total={total} onPage={setPage} />
          </>
        )}
      </Answer>
    </Card>
  );
}

function Groups({ groups, me, whole = false }: { groups: readonly ErrorGroup[]; me: User; whole?: boolean }): ReactNode {
  const [open, setOpen] = useState<string>();
  return (
    <>
      <Sideways label="Error groups">
        <table className="cards op-errors">
          <thead>
            <tr>
              <th>Error</th>
              {whole && <th>Service</th>}
              {whole && <th>First</th>}
              <th>Last hour</th>
              <th className="num">Events</th>
              <th className="num">Last</th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <Row key={group.fingerprint} group={group} whole={whole} onOpen={() => setOpen(group.fingerprint)} />
            ))}
          </tbody>
        </table>
      </Sideways>
      {open && <Story fingerprint={open} mayMark={me.permissions.includes("operations:manage")} onClose={() => setOpen(undefined)} />}
    </>
  );
}

/** When the steps of the last hour begin, in unix seconds. */
function steps(many: number): number[] {
  const newest = Math.floor(Date.now() / 1_000 / STEP_SECONDS);
  return Array.from({ length: many }, (_, index) => (newest - many + 1 + index) * STEP_SECONDS);
}

function Row({ group, whole, onOpen }: { group: ErrorGroup; whole: boolean; onOpen: () => void }): ReactElement {
  const { word, tone } = stateOf(group.state);
  return (
    <tr>
      <td className={whole ? "op-error op-long" : "op-error"}>
        <span className="row">
          <button type="button" className="linkish trunc b5" onClick={onOpen}>
            {nameOf(group)}: {group.message}
          </button>
          {word && <span className={`bdg ${tone}`}>{word}</span>}
        </span>
        <div className="mono t3 f11 trunc">{group.culprit || group.service}</div>
      </td>
      {whole && <td className="t2">{group.service}</td>}
      {whole && (
        <td className="t3 nw" title={exactly(group.first_at)}>
          {ago(group.first_at)}
        </td>
      )}
      <td className="op-lately">
        <Chart label={`${nameOf(group)} in the last hour`} times={steps(group.last_hour.length)} values={group.last_hour} colour={group.last_hour.at(-1) ? "--bad" : "--c5"} height={26} say={(one) => counted(one, "event")} />
      </td>
      <td className="num b5">{figure(group.count)}</td>
      <td className="num t3 nw" title={`First ${exactly(group.first_at)}. Last ${exactly(group.last_at)}.`}>
        {ago(group.last_at)}
      </td>
    </tr>
  );
}
