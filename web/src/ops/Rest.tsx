/** Backups, and what is running. */
import type { ReactElement } from "react";
import { exactly } from "../ui";
import { Answer, Card, Nothing } from "./Card";
import { useAbout } from "./useAbout";

export function BackupsCard(): ReactElement {
  return (
    <Card title="Backups">
      <Nothing>No data yet: backups come later.</Nothing>
    </Card>
  );
}

export function AboutCard(): ReactElement {
  const query = useAbout();
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
