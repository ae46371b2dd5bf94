/** Make an account, where the installation allows it. An address that has one is not told apart here. */
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link } from "wouter";
import { auth, ProblemError } from "../api";
import { Button, Fault, Field } from "../ui";
import { AuthPage } from "./AuthPage";
import { NewPassword } from "./NewPassword";
import { emailFault, passwordRules } from "./password";

export function Register(): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const rules = passwordRules(password, name, email);
  const make = useMutation({ mutationFn: () => auth.register({ email: email.trim(), name: name.trim(), password }) });
  const refusal = make.error instanceof ProblemError ? make.error : null;

  const own: Record<string, string | undefined> = {
    name: name.trim() === "" ? "Enter your name" : undefined,
    email: emailFault(email),
    password: rules.some((rule) => rule.required && !rule.met) ? "Meet the rules below" : undefined,
  };
  const shown = (field: string) => (left.has(field) ? (own[field] ?? refusal?.of(field)) : undefined);
  const leave = (field: string) => () => setLeft(new Set([...left, field]));
  const change = (set: (text: string) => void) => (text: string) => {
    if (make.isError) make.reset();
    set(text);
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(new Set(Object.keys(own)));
    const wrong = Object.keys(own).find((field) => own[field]);
    if (wrong) form.current?.querySelector<HTMLInputElement>(`#${wrong}`)?.focus();
    else if (!make.isPending) make.mutate();
  };

  if (make.data) return <Made email={email.trim()} mustVerify={make.data.must_verify} />;
  return (
    <AuthPage title="Create an account">
      <form ref={form} onSubmit={submit} noValidate>
        <div>
          <h1>Create an account</h1>
          <p>For your diagrams on this server.</p>
        </div>
        <div className="two">
          <Field id="name" label="Name" large autoComplete="name" autoFocus maxLength={100} value={name} fault={shown("name")} onText={change(setName)} onBlur={leave("name")} />
          <Field id="email" label="Email" large type="email" autoComplete="username" spellCheck={false} value={email} fault={shown("email")} onText={change(setEmail)} onBlur={leave("email")} />
        </div>
        <NewPassword value={password} rules={rules} fault={shown("password")} onText={change(setPassword)} onBlur={leave("password")} />
        {refusal && refusal.errors.length === 0 && <Fault>{refusal.message}</Fault>}
        <Button kind="primary" size="l" className="block" submit busy={make.isPending}>
          Create account
        </Button>
        <p className="t3 f12">
          You have one? <Link href="/sign-in">Sign in</Link>
        </p>
      </form>
    </AuthPage>
  );
}

function Made({ email, mustVerify }: { email: string; mustVerify: boolean }): ReactElement {
  const again = useMutation({ mutationFn: () => auth.resendVerification(email) });
  return (
    <AuthPage title="Look at your mail">
      <div className="done">
        <div>
          <h1>{mustVerify ? "Look at your mail" : "Your account is ready"}</h1>
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
