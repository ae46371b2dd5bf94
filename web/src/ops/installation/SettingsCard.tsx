/** Every setting as it is in force, without secrets; what somebody has set comes first. */
import { useState, type ReactElement } from "react";
import type { Setting } from "../../api";
import { Answer, Field, figure } from "../../ui";
import { Card, Nothing, Sideways } from "../Card";
import { useAbout } from "../useAbout";
import { differing, found } from "./settings";

export function SettingsCard(): ReactElement {
  const [words, setWords] = useState("");
  const query = useAbout();
  const settings = query.data?.settings ?? [];
  const own = settings.filter(({ is_default }) => is_default === false).length;
  return (
    <Card title="Settings" note={query.data && `${figure(own)} of ${figure(settings.length)} are set, the others are as they come; read at the start`} wide>
      <div className="op-filters">
        <Field label="Find" type="search" placeholder="Name, value or service" value={words} onText={setWords} />
      </div>
      <Answer of={query}>
        {() => {
          const shown = found(settings, words);
          if (shown.length === 0) return <Nothing>{settings.length === 0 ? "No data yet: no process has told its settings." : "No setting matches."}</Nothing>;
          return <Table settings={shown} differ={differing(settings)} />;
        }}
      </Answer>
    </Card>
  );
}

function Table({ settings, differ }: { settings: readonly Setting[]; differ: ReadonlySet<string> }): ReactElement {
  return (
    <Sideways label="Settings">
      <table className="op-settings">
        <thead>
          <tr>
            <th>Setting</th>
            <th>In force</th>
            <th>Where</th>
          </tr>
        </thead>
        <tbody>
          {settings.map((one) => (
            <tr key={`${one.name} ${one.value} ${one.services.join()}`}>
              <th scope="row" className={one.is_default === false ? "mono t1 b6" : "mono t2"}>
                {one.name}
              </th>
              <td>
                <Value setting={one} />
              </td>
              <td className="t3 f12">
                {differ.has(one.name) ? (
                  <>
                    <span className="bdg warn">Differs</span> {one.services.join(", ")}
                  </>
                ) : (
                  ""
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sideways>
  );
}

function Value({ setting: { value, is_secret, is_default } }: { setting: Setting }): ReactElement {
  if (is_secret) return <span className="t3">{value}, a secret</span>;
  const text = value === "" ? <span className="t3">empty</span> : <span className="mono">{value}</span>;
  return is_default === false ? <b className="b6">{text}</b> : <span className="t2">{text}</span>;
}
