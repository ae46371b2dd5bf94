/** Alerts: what is wrong or about to be, who looks after it, what is kept quiet, and who was told. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BellOff } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";
import { Link } from "wouter";
import { operations, type Overview, type User } from "../../api";
import { Button, exactly, IconButton, sayFailure } from "../../ui";
import { Answer, Card, Nothing, Sideways } from "../Card";
import { lasting, passed } from "../figures";
import { usePeople } from "../usePeople";
import { areJudged, byWeight, sinceOf, stateOf, type Alert, type Rule } from "./alert";
import { Notices } from "./Notices";
import { Rules } from "./Rules";
import { SilenceDialog } from "./SilenceDialog";
import { Silences } from "./Silences";

const KEY = ["ops", "alerts"] as const;
const AGAIN_MS = 10_000;
const RESOLVED_SHOWN = 3;
const FIRST_LOOK = 6;
const DAY_MS = 86_400_000;

interface AlertsCardProps {
  me: User;
  counts: Overview["alerts"];
  now: string;
  /** Pause between two looks at the rules, as set; nothing where it is not known. */
  everySeconds: number | undefined;
  /** The whole page, not a card among others. */
  wide: boolean;
}

export function AlertsCard({ me, counts, now, everySeconds, wide }: AlertsCardProps): ReactElement {
  const client = useQueryClient();
  const active = useQuery({ queryKey: [...KEY, "active"], queryFn: ({ signal }) => operations.alerts("active", signal), refetchInterval: AGAIN_MS });
  const resolved = useQuery({ queryKey: [...KEY, "resolved"], queryFn: ({ signal }) => operations.alerts("resolved", signal), refetchInterval: 6 * AGAIN_MS });
  const rules = useQuery({ queryKey: [...KEY, "rules"], queryFn: ({ signal }) => operations.rules(signal), refetchInterval: 3 * AGAIN_MS });
  const moved = `${counts.firing} ${counts.pending} ${counts.silenced}`;
  useEffect(() => void client.invalidateQueries({ queryKey: KEY }), [client, moved]);

  const at = Date.parse(now);
  const firstLook = byWeight(active.data?.items ?? []).slice(0, FIRST_LOOK);
  const over = (resolved.data?.items ?? []).filter(({ resolved_at }) => resolved_at && at - Date.parse(resolved_at) < DAY_MS).slice(0, RESOLVED_SHOWN);
  return (
    <Card title="Alerts" note={<Counts counts={counts} />} action={!wide && <All rules={rules.data?.items.length} />} wide={wide}>
      <Answer of={active}>
        {({ items }) =>
          items.length + over.length > 0 ? (
            <Table alerts={wide ? [...byWeight(items), ...over] : [...firstLook, ...over].slice(0, FIRST_LOOK)} me={me} at={at} isShort={!wide} />
          ) : (
            <Nothing>{rules.data ? inNoAlert(rules.data.items, everySeconds) : ""}</Nothing>
          )
        }
      </Answer>
      {wide && <Silences me={me} />}
      {wide && rules.data && <Rules rules={rules.data.items} />}
      {wide && <Notices />}
    </Card>
  );
}

function All({ rules }: { rules: number | undefined }): ReactElement {
  return (
    <Link href="/operations/alerts" className="btn s ghost">
      All rules{rules !== undefined && `, ${rules}`}
    </Link>
  );
}

/** That there is no alert says something only where somebody looks. */
function inNoAlert(rules: readonly Rule[], everySeconds: number | undefined): string {
  if (!areJudged(rules)) return "No data yet: no rule has been judged.";
  return `No alert. Rules are judged ${everySeconds === undefined ? "all the time" : `every ${lasting(everySeconds)}`}.`;
}

function Counts({ counts }: { counts: Overview["alerts"] }): ReactElement {
  const firing = counts.firing - counts.silenced;
  return (
    <span className="op-badges">
      {firing > 0 && <span className="bdg bad">{firing} firing</span>}
      {counts.pending > 0 && <span className="bdg warn">{counts.pending} pending</span>}
      {counts.silenced > 0 && <span className="bdg acc">{counts.silenced} silenced</span>}
    </span>
  );
}

interface TableProps {
  alerts: readonly Alert[];
  me: User;
  at: number;
  /** What each means is left to a tooltip. */
  isShort: boolean;
}

function Table({ alerts, me, at, isShort }: TableProps): ReactElement {
  const [quiet, setQuiet] = useState<Alert>();
  const nameOf = usePeople(me, alerts.map(({ acknowledged_by }) => acknowledged_by));
  return (
    <Sideways label="Alerts">
      <table className={isShort ? "cards op-alerts op-short" : "cards op-alerts"}>
        <thead>
          <tr>
            <th>State</th>
            <th>What</th>
            <th>Service</th>
            <th>For</th>
            <th>Owner</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <Row key={alert.id} alert={alert} at={at} nameOf={nameOf} onSilence={me.permissions.includes("operations:manage") ? () => setQuiet(alert) : undefined} />
          ))}
        </tbody>
      </table>
      {quiet && <SilenceDialog alert={quiet} onClose={() => setQuiet(undefined)} />}
    </Sideways>
  );
}

interface RowProps {
  alert: Alert;
  at: number;
  nameOf: (id: string) => string;
  onSilence: (() => void) | undefined;
}

function Row({ alert, at, nameOf, onSilence }: RowProps): ReactElement {
  const { word, tone } = stateOf(alert);
  const since = sinceOf(alert);
  const isOver = alert.state === "resolved";
  return (
    <tr>
      <td>
        <span className={`bdg ${tone}`}>{word}</span>
        <div className="t3 f12">{alert.severity}</div>
      </td>
      <td className="lead op-what">
        <div className="b6">{alert.summary}</div>
        <div className="t2 f12 op-message-of" title={alert.message}>
          {alert.message}
        </div>
        {alert.inhibited_by && <div className="t3 f12">Another alert explains it.</div>}
      </td>
      <td className="t2">{alert.service}</td>
      <td className="t2" title={exactly(isOver && alert.resolved_at ? alert.resolved_at : since)}>
        {isOver && alert.resolved_at ? `over since ${passed(alert.resolved_at, at)}` : passed(since, at)}
      </td>
      <td>
        {isOver ? (
          <Owner alert={alert} nameOf={nameOf} />
        ) : (
          <span className="row op-owner">
            {alert.acknowledged_by || !onSilence ? <Owner alert={alert} nameOf={nameOf} /> : <Acknowledge alert={alert} />}
            {onSilence && !alert.silenced_by && <IconButton icon={BellOff} size="s" label={`Silence ${alert.summary}, ${alert.service}`} onClick={onSilence} />}
          </span>
        )}
      </td>
    </tr>
  );
}

function Owner({ alert: { acknowledged_by, acknowledged_at }, nameOf }: { alert: Alert; nameOf: (id: string) => string }): ReactElement {
  return (
    <span className="t2" title={acknowledged_at ? exactly(acknowledged_at) : undefined}>
      {acknowledged_by ? nameOf(acknowledged_by) : "nobody"}
    </span>
  );
}

function Acknowledge({ alert }: { alert: Alert }): ReactElement {
  const client = useQueryClient();
  const take = useMutation({
    mutationFn: () => operations.acknowledge(alert.id),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
    onError: () => sayFailure("The alert was not acknowledged. Try again."),
  });
  return (
    <Button size="xs" busy={take.isPending} aria-label={`Acknowledge ${alert.summary}, ${alert.service}`} onClick={() => take.mutate()}>
      Acknowledge
    </Button>
  );
}
