/** Choose a new password by the link of a mail. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { Link } from "wouter";
import { auth, isProblem, ProblemError } from "../api";
import { Button, Fault } from "../ui";
import { AuthPage } from "./AuthPage";
import { NewPassword } from "./NewPassword";
import { passwordRules } from "./password";
import { linkSecret } from "./SecretLink";

export function Reset(): ReactElement {
  const [password, setPassword] = useState("");
  const [left, setLeft] = useState(false);
  const reset = useMutation({ mutationFn: () => auth.reset(linkSecret(), password) });
  const refused = reset.error instanceof ProblemError ? reset.error.of("password") : undefined;
  const rules = passwordRules(password, "", "");
  const weak = rules.some((rule) => rule.required && !rule.met);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    if (!weak && !reset.isPending) reset.mutate();
  };

  if (reset.isSuccess) {
    return (
      <AuthPage title="Your new password is set">
        <div className="done">
          <div>
            <h1>Done</h1>
            <p role="status">Your new password is set, and every session was ended. Sign in with it now.</p>
          </div>
          <Link href="/sign-in" className="btn primary l block">
            Sign in
          </Link>
        </div>
      </AuthPage>
    );
  }
  return (
    <AuthPage title="Choose a new password">
      <form onSubmit={submit} noValidate>
        <div>
          <h1>Choose a new password</h1>
          <p>It replaces the old one, and ends every session.</p>
        </div>
        <NewPassword
          value={password}
          rules={rules}
          autoFocus
          fault={refused ?? (left && weak ? "Meet the rules below" : undefined)}
          onText={(text) => {
            reset.reset();
            setPassword(text);
          }}
        />
        {reset.error && !refused && <Fault>{reset.error.message}</Fault>}
        {isProblem(reset.error, "link-worthless") ? (
          <Link href="/forgot" className="btn l block">
            Ask for a new link
          </Link>
        ) : (
          <Button kind="primary" size="l" className="block" submit busy={reset.isPending}>
            Set password
          </Button>
        )}
      </form>
    </AuthPage>
  );
}
