/** Where one is signed in: look, and end. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useLocation } from "wouter";
import { auth, type Session } from "../api";
import { ago, Answer, Button, exactly, Fault, Panel, Sideways } from "../ui";
import { device } from "../account";
import { useSave } from "./useSave";

const SESSIONS = ["sessions"] as const;

export function Sessions(): ReactElement {
  const query = useQuery({ queryKey: SESSIONS, queryFn: ({ signal }) => auth.sessions(signal) });
  const [, go] = useLocation();
  const client = useQueryClient();
  const end = useSave({ send: auth.endSession, done: "The session is ended.", renews: SESSIONS });
  const all = useSave({
    send: () => auth.signOutEverywhere(),
    then: () => {
      go("/sign-in");
      client.clear();
    },
  });
  return (
    <Panel title="Sessions" note="Ended ones are refused everywhere within 5 s">
      <Answer of={query}>
        {({ items }) => (
          <>
            <Sideways label="Sessions">
              <table className="cards">
                <thead>
                  <tr>
                    <th>Device</th>
                    <th>Address</th>
                    <th>Signed in</th>
                    <th>Last use</th>
                    <th>
                      <span className="hidden-text">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((session) => (
                    <Row key={session.id} session={session} busy={end.isPending && end.variables === session.id} onEnd={() => end.mutate(session.id)} />
                  ))}
                </tbody>
              </table>
            </Sideways>
            {(end.refused ?? all.refused) && (
              <div className="st-foot">
                <Fault>{end.refused ?? all.refused}</Fault>
              </div>
            )}
            <div className="st-foot">
              <Button kind="danger" busy={all.isPending} onClick={() => all.mutate()}>
                Sign out everywhere
              </Button>
              <span className="t3 f12">This session ends, too.</span>
            </div>
          </>
        )}
      </Answer>
    </Panel>
  );
}

const METHODS: Readonly<Record<string, string>> = {
  password: "password",
  oidc: "a provider",
  totp: "a code of the app",
  backup_code: "a backup code",
  passkey: "a passkey",
};

/** What has proven who it is; sessions from before that was noted had a password. */
function byWhat(methods: readonly string[]): string {
  return methods.map((method) => METHODS[method] ?? method).join(" and ") || "password";
}

function Row({ session, busy, onEnd }: { session: Session; busy: boolean; onEnd: () => void }): ReactElement {
  return (
    <tr>
      <td title={session.user_agent}>
        <span className="b6 t1">{device(session.user_agent)}</span>
      </td>
      <td className="mono">{session.address || "unknown"}</td>
      <td title={exactly(session.created_at)}>
        {ago(session.created_at)} <span className="t3">by {byWhat(session.methods)}</span>
      </td>
      <td title={exactly(session.last_seen_at)}>{session.is_current ? <span className="bdg acc">This session</span> : ago(session.last_seen_at)}</td>
      <td className="num">
        {!session.is_current && (
          <Button size="s" busy={busy} aria-label={`End the session of ${device(session.user_agent)}`} onClick={onEnd}>
            End
          </Button>
        )}
      </td>
    </tr>
  );
}
