/** An invitation in the hands of somebody who is not signed in: a new account, or the one that they have. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { auth, isProblem, type InvitationSeen, type Registration, type SecondStep as Step } from "../api";
import { AccountForm } from "./AccountForm";
import { AuthPage } from "./AuthPage";
import { inviterOf, whereTo } from "./invitationWords";
import { forgetInvitation, keepInvitation } from "./invitationSecret";
import { Made } from "./Register";
import { SecondStep } from "./SecondStep";

/** Signed in, not before the mail is answered, ready to sign in, or half signed in. */
type Outcome = "in" | "must-verify" | "ready" | Step;

export function ComeIn({ invitation, secret }: { invitation: InvitationSeen; secret: string }): ReactElement {
  const [, go] = useLocation();
  const client = useQueryClient();
  const opened = () => {
    client.clear();
    go("/", { replace: true });
  };
  const make = useMutation({
    mutationFn: async (account: Registration): Promise<Outcome> => {
      const { must_verify } = await auth.register({ ...account, invitation: secret });
      forgetInvitation();
      if (must_verify) return "must-verify";
      const found = await auth.signIn(account.email, account.password, true).catch(() => undefined);
      if (!found) return "ready";
      return "mfa_token" in found ? found : "in";
    },
    onSuccess: (outcome) => outcome === "in" && opened(),
  });
  const keep = () => keepInvitation(secret, invitation.team);

  if (typeof make.data === "object") return <SecondStep step={make.data} onOpened={opened} onBack={() => go("/sign-in")} />;
  if (make.data === "must-verify" || make.data === "ready") return <Made email={make.variables.email} mustVerify={make.data === "must-verify"} />;
  const head = (
    <div>
      <h1>You are invited</h1>
      <p>
        {inviterOf(invitation)} invites you {whereTo(invitation)}.
      </p>
    </div>
  );
  const signIn = (
    <Link href="/sign-in?next=/invitation" onClick={keep} className={invitation.can_register ? undefined : "btn primary l block"}>
      {invitation.can_register ? "Sign in to use it" : "Sign in"}
    </Link>
  );
  if (!invitation.can_register) {
    return (
      <AuthPage title="Invitation">
        <div className="done">
          {head}
          <p>Accounts are made by administrators here. Sign in with yours to go on.</p>
          {signIn}
        </div>
      </AuthPage>
    );
  }
  return (
    <AuthPage title="Invitation">
      <AccountForm
        head={head}
        foot={
          <p className="t3 f12">
            You have an account? {signIn}
          </p>
        }
        act="Create account"
        fixedEmail={invitation.email ?? undefined}
        busy={make.isPending}
        error={isProblem(make.error, "email-taken") ? new Error("This address has an account. Sign in to use the invitation.") : make.error}
        onChange={make.reset}
        onSend={make.mutate}
      />
    </AuthPage>
  );
}
