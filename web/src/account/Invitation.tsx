/** Where an invitation leads: who invites to what, and the way in for a stranger or for somebody who has an account. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactElement, type ReactNode } from "react";
import { Link, Redirect } from "wouter";
import { invitations, isProblem, teams } from "../api";
import { useMe } from "../app/queries";
import { Waiting } from "../app/Waiting";
import { Failure } from "../ui";
import { AuthPage } from "./AuthPage";
import { Accept, Joined } from "./InvitationAccept";
import { ComeIn } from "./InvitationComeIn";
import { forgetInvitation, invitationSecret, keptTeam } from "./invitationSecret";

export function Invitation(): ReactElement {
  const [secret] = useState(invitationSecret);
  return secret === "" ? <Worthless /> : <Held secret={secret} />;
}

function Held({ secret }: { secret: string }): ReactElement {
  const me = useMe();
  const [team] = useState(() => keptTeam(secret));
  const seen = useQuery({ queryKey: ["invitation", secret], queryFn: ({ signal }) => invitations.look(secret, signal), retry: false, staleTime: Infinity });

  if (isProblem(seen.error, "invitation-worthless")) {
    if (team === undefined || me.error) return <Worthless />;
    return me.data ? <CameIn team={team} /> : <Waiting />;
  }
  if (seen.error) {
    return (
      <Page>
        <Failure title="The invitation could not be looked at" error={seen.error} retry={() => void seen.refetch()} />
      </Page>
    );
  }
  const isStranger = isProblem(me.error) && me.error.status === 401;
  if (!seen.data || (!me.data && !me.error)) return <Waiting />;
  if (me.data) return <Accept invitation={seen.data} secret={secret} me={me.data.user} />;
  if (isStranger) return <ComeIn invitation={seen.data} secret={secret} />;
  return (
    <Page>
      <Failure title="AutoGraph does not answer" error={me.error} retry={() => void me.refetch()} />
    </Page>
  );
}

/** It was good when one went to sign in, and a provider has proven the address: then it was used by coming in. */
function CameIn({ team }: { team: string | null }): ReactElement {
  const mine = useQuery({ queryKey: ["teams", "came-in"], queryFn: ({ signal }) => teams.list(false, 1, signal), enabled: team !== null });
  useEffect(forgetInvitation, []);
  if (team === null) return <Redirect to="/" replace />;
  if (mine.isPending) return <Waiting />;
  const joined = mine.data?.items.find(({ name }) => name === team);
  return joined ? <Joined name={joined.name} role={joined.role} /> : <Worthless />;
}

function Page({ children }: { children: ReactNode }): ReactElement {
  return (
    <AuthPage title="Invitation">
      <div className="done">{children}</div>
    </AuthPage>
  );
}

function Worthless(): ReactElement {
  useEffect(forgetInvitation, []);
  return (
    <Page>
      <div>
        <h1>This invitation leads nowhere</h1>
        <p role="status">It was used, withdrawn or is too old, or whoever sent it may invite no more. Ask them for a new one.</p>
      </div>
      <Link href="/sign-in" className="btn l block">
        Sign in
      </Link>
    </Page>
  );
}
