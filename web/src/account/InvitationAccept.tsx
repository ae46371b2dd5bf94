/** An invitation in the hands of somebody who is signed in: into the team, or why not. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";
import { auth, invitations, isProblem, type InvitationSeen, type User } from "../api";
import { Button, Fault } from "../ui";
import { AuthPage } from "./AuthPage";
import { inviterOf, whereTo } from "./invitationWords";
import { forgetInvitation, keepInvitation } from "./invitationSecret";

export function Accept({ invitation, secret, me }: { invitation: InvitationSeen; secret: string; me: User }): ReactElement {
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: () => invitations.accept(secret),
    onSuccess: async () => {
      forgetInvitation();
      await client.invalidateQueries({ queryKey: ["teams"] });
    },
  });
  if (accept.data) {
    return <Joined name={accept.data.name} role={accept.data.role} />;
  }
  if (invitation.email && invitation.email !== me.email) {
    return (
      <Page title="This invitation is for somebody else" text={`It is for ${invitation.email}. You are signed in as ${me.email}.`}>
        <Other secret={secret} team={invitation.team} />
        <ToLibrary />
      </Page>
    );
  }
  if (!invitation.team) {
    return (
      <Page title="You have an account already" text={`${inviterOf(invitation)} invites to a new account here. You are signed in as ${me.email}, so there is nothing left to do.`}>
        <ToLibrary primary />
        <Other secret={secret} team={invitation.team} />
      </Page>
    );
  }
  const isIn = isProblem(accept.error, "already-member");
  return (
    <Page title={`Join ${invitation.team}`} text={`${inviterOf(invitation)} invites you ${whereTo(invitation)}. You are signed in as ${me.email}.`}>
      {accept.error && <Fault>{isIn ? `You are in ${invitation.team} already.` : accept.error.message}</Fault>}
      {isIn ? (
        <ToLibrary primary />
      ) : (
        <Button kind="primary" size="l" className="block" busy={accept.isPending} onClick={() => accept.mutate()}>
          Join team
        </Button>
      )}
      <Other secret={secret} team={invitation.team} />
    </Page>
  );
}

/** In the team, by an invitation that is used up. */
export function Joined({ name, role }: { name: string; role: string | null }): ReactElement {
  return (
    <Page title={`You are in ${name}`} text={`As ${role ?? "member"}, from now on.`} done>
      <Link href="/settings/teams" className="btn primary l block">
        See the team
      </Link>
      <ToLibrary />
    </Page>
  );
}

function Page({ title, text, done, children }: { title: string; text: string; done?: boolean; children: ReactNode }): ReactElement {
  return (
    <AuthPage title={title}>
      <div className="done">
        <div>
          <h1>{title}</h1>
          <p role={done ? "status" : undefined}>{text}</p>
        </div>
        {children}
      </div>
    </AuthPage>
  );
}

function ToLibrary({ primary }: { primary?: boolean }): ReactElement {
  return (
    <Link href="/" className={primary ? "btn primary l block" : "btn l block"}>
      Open the library
    </Link>
  );
}

/** Sign out, and come back to the invitation. */
function Other({ secret, team }: { secret: string; team: string | null }): ReactElement {
  const leave = useMutation({
    mutationFn: () => auth.signOut(),
    onSuccess: () => {
      keepInvitation(secret, team);
      // The whole page is loaded anew: nothing of this session stays.
      location.assign("/invitation");
    },
  });
  return (
    <>
      {leave.error && <Fault>{leave.error.message}</Fault>}
      <Button kind="ghost" busy={leave.isPending} onClick={() => leave.mutate()}>
        Use another account
      </Button>
    </>
  );
}
