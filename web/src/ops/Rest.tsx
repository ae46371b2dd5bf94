/** Alerts, backups and what is running. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { operations, type Overview } from "../api";
import { exactly } from "../ui";
import { Answer, Card, Nothing } from "./Card";

/** How many alerts there are. No alert may also mean that nothing is judged yet: it is not called well. */
export function Alerts({ counts }: { counts: Overview["alerts"] }): ReactElement {
  const any = counts.firing + counts.pending + counts.silenced > 0;
  return (
    <Card title="Alerts">
      {any ? (
        <p className="op-nothing row">
          {counts.firing > 0 && <span className="bdg bad">{counts.firing} firing</span>}
          {counts.pending > 0 && <span className="bdg warn">{counts.pending} pending</span>}
          {counts.silenced > 0 && <span className="bdg acc">{counts.silenced} silenced</span>}
        </p>
      ) : (
        <Nothing>No data: no alert was reported.</Nothing>
      )}
    </Card>
  );
}

export function BackupsCard(): ReactElement {
  return (
    <Card title="Backups">
      <Nothing>No data yet: backups come later.</Nothing>
    </Card>
  );
}

export function AboutCard(): ReactElement {
  const query = useQuery({ queryKey: ["ops", "about"], queryFn: ({ signal }) => operations.about(signal) });
  return (
    <Card title="About" note={query.data && `version ${query.data.version}`}>
      <Answer of={query}>
        {({ processes }) => (
          <ul className="op-nothing">
            {processes.map((process) => (
              <li key={process.id}>
                <span className="b6 t1">{process.host}</span>, version {process.version}, started {exactly(process.started_at)}: {process.services.join(", ")}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}
