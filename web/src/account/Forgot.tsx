/** Ask for a link to a new password. The answer is the same for every address. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { Link } from "wouter";
import { auth } from "../api";
import { Button, Fault, Field } from "../ui";
import { AuthPage } from "./AuthPage";
import { emailFault } from "./password";

export function Forgot(): ReactElement {
  const [email, setEmail] = useState("");
  const [left, setLeft] = useState(false);
  const ask = useMutation({ mutationFn: () => auth.askForReset(email.trim()) });
  const fault = emailFault(email);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    if (!fault && !ask.isPending) ask.mutate();
  };

  if (ask.isSuccess) {
    return (
      <AuthPage title="Look at your mail">
        <div className="done">
          <div>
            <h1>Look at your mail</h1>
            <p role="status">If {email.trim()} has an account, a link to a new password is on its way. It works once, for an hour.</p>
          </div>
          <p className="t3 f12">No mail after a few minutes? Ask an administrator: where no mail server is set up, they find the link under Mail.</p>
          <Link href="/sign-in" className="btn l block">
            Back to sign in
          </Link>
        </div>
      </AuthPage>
    );
  }
  return (
    <AuthPage title="Forgot your password?">
      <form onSubmit={submit} noValidate>
        <div>
          <h1>Forgot your password?</h1>
          <p>We send a link to choose a new one.</p>
        </div>
        <Field id="email" label="Email" large type="email" autoComplete="username" autoCapitalize="off" spellCheck={false} autoFocus value={email} fault={left ? fault : undefined} onText={setEmail} />
        {ask.error && <Fault>{ask.error.message}</Fault>}
        <Button kind="primary" size="l" className="block" submit busy={ask.isPending}>
          Send link
        </Button>
        <Link href="/sign-in" className="t3 f12">
          Back to sign in
        </Link>
      </form>
    </AuthPage>
  );
}
