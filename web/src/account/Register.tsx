/** Make an account, where the installation allows it. An address that has one is not told apart here. */
import { useMutation } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Link } from "wouter";
import { auth } from "../api";
import { Button, Fault } from "../ui";
import { AccountForm } from "./AccountForm";
import { AuthPage } from "./AuthPage";

export function Register(): ReactElement {
  const make = useMutation({ mutationFn: auth.register });
  if (make.data) return <Made email={make.variables.email} mustVerify={make.data.must_verify} />;
  return (
    <AuthPage title="Create an account">
      <AccountForm
        head={
          <div>
            <h1>Create an account</h1>
            <p>For your diagrams on this server.</p>
          </div>
        }
        foot={
          <p className="t3 f12">
            You have one? <Link href="/sign-in">Sign in</Link>
          </p>
        }
        act="Create account"
        busy={make.isPending}
        error={make.error}
        onChange={make.reset}
        onSend={make.mutate}
      />
    </AuthPage>
  );
}

export function Made({ email, mustVerify }: { email: string; mustVerify: boolean }): ReactElement {
  const title = mustVerify ? "Look at your mail" : "Your account is ready";
  const again = useMutation({ mutationFn: () => auth.resendVerification(email) });
  return (
    <AuthPage title={title}>
      <div className="done">
        <div>
          <h1>{title}</h1>
          <p role="status">{mustVerify ? `Follow the link that was sent to ${email}. It works for a day.` : "Sign in with your address and your password."}</p>
        </div>
        {again.error && <Fault>{again.error.message}</Fault>}
        <Link href="/sign-in" className="btn primary l block">
          Sign in
        </Link>
        {mustVerify && (
          <Button size="l" className="block" busy={again.isPending} disabled={again.isSuccess} onClick={() => again.mutate()}>
            {again.isSuccess ? "Sent once more" : "Send the mail once more"}
          </Button>
        )}
      </div>
    </AuthPage>
  );
}
