/** Feature flags: what each switches, for whom, and a switch for all. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { isProblem, operations, type Flag, type User } from "../../api";
import { Answer, counted, say, sayFailure } from "../../ui";
import { Card, Nothing } from "../Card";
import { audience } from "./flag";

const KEY = ["ops", "flags"] as const;
const CHANGED_MEANWHILE = 409;

export function FlagsCard({ me }: { me: User }): ReactElement {
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => operations.flags(signal) });
  return (
    <Card title="Flags" note={query.data && counted(query.data.items.length, "flag")} wide>
      <Answer of={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>This version has no flags.</Nothing>
          ) : (
            <ul className="op-fold op-lines">
              {items.map((flag) => (
                <Line key={flag.key} flag={flag as Flag} mayChange={me.permissions.includes("operations:manage")} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  );
}

function Line({ flag, mayChange }: { flag: Flag; mayChange: boolean }): ReactElement {
  const client = useQueryClient();
  const turn = useMutation({
    mutationFn: (enabled: boolean) => operations.setFlag(flag, { enabled }),
    onSuccess: (_, enabled) => {
      say(`${flag.key} is ${enabled ? "on" : "off"}`);
      return client.invalidateQueries({ queryKey: KEY });
    },
    onError: (problem) => {
      const meanwhile = isProblem(problem) && problem.status === CHANGED_MEANWHILE;
      sayFailure(meanwhile ? "Somebody has changed the flag meanwhile. Look at it again." : "The flag was not changed. Try again.");
      return client.invalidateQueries({ queryKey: KEY });
    },
  });
  const isOn = turn.isPending ? turn.variables : flag.enabled;
  return (
    <li className="row">
      <span className="grow">
        <span className="mono b6">{flag.key}</span>
        <span className="t2 op-about">{flag.description}</span>
        <span className="t3 f12 op-about">{audience(flag)}</span>
      </span>
      <label className="row b5">
        {isOn ? "On" : "Off"}
        <input
          type="checkbox"
          role="switch"
          className="op-switch"
          aria-label={flag.key}
          checked={isOn}
          aria-busy={turn.isPending}
          disabled={!mayChange}
          onChange={({ target }) => {
            if (!turn.isPending) turn.mutate(target.checked);
          }}
        />
      </label>
    </li>
  );
}
