/** What holds for everybody who signs in here: set where AutoGraph is started, shown where people ask. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { operations, type Setting } from "../api";
import { Answer, Panel, Sideways } from "../ui";

const PREFIX = "AUTOGRAPH_AUTH__";

interface Policy {
  name: string;
  title: string;
  says: (value: string) => string;
}

const counted = (one: string, many: string) => (value: string) => `${value} ${value === "1" ? one : many}`;
const named = (words: Record<string, string>) => (value: string) => words[value] ?? value;

const GROUPS: readonly { title: string; policies: readonly Policy[] }[] = [
  {
    title: "Who may come in",
    policies: [
      { name: "REGISTRATION", title: "Accounts are made by", says: named({ open: "everybody who sees the page", invited: "whoever was invited", closed: "administrators only" }) },
      { name: "ALLOWED_DOMAINS", title: "Email domains", says: (value) => (value === "[]" || value === "" ? "every domain" : value) },
      { name: "VERIFICATION", title: "Confirming the address", says: named({ required: "required before the first sign-in", off: "not required" }) },
      { name: "INVITATION_DAYS", title: "Invitations are good for", says: counted("day", "days") },
      { name: "MFA", title: "Second factor", says: named({ required: "required of everybody", optional: "for those who set one up" }) },
    ],
  },
  {
    title: "Sessions",
    policies: [
      { name: "MOST_SESSIONS", title: "At the same time", says: counted("session a person", "sessions a person") },
      { name: "IDLE_MINUTES", title: "End after rest of", says: (value) => (value === "0" ? "never" : `${value} min`) },
      { name: "SESSION_HOURS", title: "End in any case after", says: (value) => `${value} h` },
      { name: "REMEMBERED_SESSION_DAYS", title: "With “keep me signed in” after", says: counted("day", "days") },
      { name: "ACCESS_TOKEN_MINUTES", title: "Access tokens last", says: (value) => `${value} min` },
    ],
  },
  {
    title: "Wrong tries",
    policies: [
      { name: "TRIES_PER_ACCOUNT", title: "At one account", says: counted("try", "tries") },
      { name: "TRIES_PER_ADDRESS", title: "From one network address", says: counted("try", "tries") },
      { name: "TRY_MINUTES", title: "Counted for", says: (value) => `${value} min` },
      { name: "LOCK_AFTER", title: "Locked after", says: counted("wrong try in a row", "wrong tries in a row") },
      { name: "LOCK_MINUTES", title: "Locked for", says: (value) => `${value} min` },
    ],
  },
];

export function Policies(): ReactElement {
  const query = useQuery({ queryKey: ["ops", "about"], queryFn: ({ signal }) => operations.about(signal) });
  return (
    <Answer of={query}>
      {({ settings }) => {
        const known = new Map(settings.map((one) => [one.name, one]));
        return GROUPS.map(({ title, policies }) => (
          <Panel key={title} title={title} note="Set where AutoGraph is started, and read at the next start">
            <Sideways label={title}>
              <table className="st-fixed">
                <thead>
                  <tr>
                    <th>Policy</th>
                    <th>In force</th>
                    <th>Setting</th>
                  </tr>
                </thead>
                <tbody>
                  {policies.map((policy) => (
                    <Row key={policy.name} policy={policy} setting={known.get(PREFIX + policy.name)} />
                  ))}
                </tbody>
              </table>
            </Sideways>
          </Panel>
        ));
      }}
    </Answer>
  );
}

function Row({ policy, setting }: { policy: Policy; setting: Setting | undefined }): ReactElement {
  return (
    <tr>
      <td>{policy.title}</td>
      <td>{setting ? <span className="b6 t1">{policy.says(setting.value)}</span> : <span className="t3">not known</span>}</td>
      <td className="mono t3 nw">
        {PREFIX}
        {policy.name}
      </td>
    </tr>
  );
}
