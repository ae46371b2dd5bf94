/** What is running: version, processes, and whether the tables are those of this version. */
import type { ReactElement } from "react";
import { ago, Answer, counted, exactly } from "../../ui";
import { Card, Nothing, Sideways } from "../Card";
import { useAbout, type About } from "../useAbout";

export function ProcessesCard(): ReactElement {
  const query = useAbout();
  return (
    <Card title="Processes" note={query.data && `${query.data.processes.length} answer, version ${query.data.version}`}>
      <Answer of={query}>
        {({ processes, version }) =>
          processes.length === 0 ? (
            <Nothing>No data yet: no process has reported.</Nothing>
          ) : (
            <Sideways label="Processes">
              <table>
                <thead>
                  <tr>
                    <th>Process</th>
                    <th>Version</th>
                    <th>Started</th>
                  </tr>
                </thead>
                <tbody>
                  {processes.map((process) => (
                    <tr key={process.id}>
                      <th scope="row" className="op-process">
                        <span className="b5 t1">{process.services.join(", ")}</span>
                        <span className="mono t3 f11">{process.host}</span>
                      </th>
                      <td>{process.version === version ? process.version : <span className="bdg warn">{process.version}</span>}</td>
                      <td className="nw" title={exactly(process.started_at)}>
                        {ago(process.started_at)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Sideways>
          )
        }
      </Answer>
    </Card>
  );
}

export function MigrationsCard(): ReactElement {
  const query = useAbout();
  return (
    <Card title="Migrations" note={query.data && behind(query.data.schemas)}>
      <Answer of={query}>
        {({ schemas }) =>
          schemas.length === 0 ? (
            <Nothing>No data: no room keeps tables.</Nothing>
          ) : (
            <Sideways label="Migrations">
              <table>
                <thead>
                  <tr>
                    <th>Tables of</th>
                    <th>Applied</th>
                    <th>Expected</th>
                    <th>State</th>
                  </tr>
                </thead>
                <tbody>
                  {schemas.map(({ room, applied, expected, is_current }) => (
                    <tr key={room}>
                      <th scope="row" className="b5 t1">
                        {room}
                      </th>
                      <td className="mono">{applied || <span className="t3">none</span>}</td>
                      <td className="mono">{expected}</td>
                      <td>{is_current ? "current" : <span className="bdg bad">{applied ? "Behind" : "Missing"}</span>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Sideways>
          )
        }
      </Answer>
    </Card>
  );
}

function behind(schemas: About["schemas"]): string {
  const late = schemas.filter(({ is_current }) => !is_current).length;
  return late === 0 ? "all tables are of this version" : `${counted(late, "room")} behind this version`;
}
