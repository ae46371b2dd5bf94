/** Sign in with an e-mail address and a password. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { auth, isProblem } from "../api";
import { Button, Fault, Field, PasswordField } from "../ui";
import { AuthPage } from "./AuthPage";
import { nextAddress } from "./next";

export function SignIn(): ReactElement {
  const [, go] = useLocation();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [remember, setRemember] = useState(true);
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const firstRun = useQuery({ queryKey: ["first-run"], queryFn: ({ signal }) => auth.firstRun(undefined, signal), retry: false });

  const signIn = useMutation({
    mutationFn: () => auth.signIn(email.trim(), password, remember),
    onSuccess: () => {
      // Whoever was here before may have been someone else.
      client.clear();
      go(nextAddress(location.search), { replace: true });
    },
    onError: () => {
      setPassword("");
      form.current?.querySelector<HTMLInputElement>("#password")?.focus();
    },
  });

  if (firstRun.data?.needed) return <Redirect to="/first-run" replace />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = email.trim() === "" ? "#email" : password === "" ? "#password" : null;
    setMissing(empty !== null);
    if (empty) form.current?.querySelector<HTMLInputElement>(empty)?.focus();
    else if (!signIn.isPending) signIn.mutate();
  };

  return (
    <AuthPage title="Sign in">
      <form ref={form} onSubmit={submit} noValidate>
        <div>
          <h1>Sign in</h1>
          <p>Your diagrams, and the code that proves them</p>
        </div>
        <Field
          id="email"
          label="Email"
          large
          type="email"
          autoComplete="username"
          autoCapitalize="off"
          spellCheck={false}
          autoFocus
          value={email}
          fault={missing && email.trim() === "" ? "Enter your email address" : undefined}
          onText={setEmail}
        />
        <PasswordField
          aside={<Link href="/forgot">Forgot it?</Link>}
          id="password"
          label="Password"
          large
          autoComplete="current-password"
          value={password}
          fault={missing && password === "" ? "Enter your password" : undefined}
          onText={setPassword}
        />
        <label className="row">
          <input className="chk" type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
          Keep me signed in on this device
        </label>
        {signIn.error && <Fault>{reason(signIn.error)}</Fault>}
        <Button kind="primary" size="l" className="block" submit busy={signIn.isPending}>
          Sign in
        </Button>
        <p className="t3 f12">
          No account?{" "}
          {firstRun.data?.registration === "open" ? (
            <Link href="/register">Create one</Link>
          ) : (
            `Ask an administrator of this workspace${firstRun.data?.registration === "invited" ? " for an invitation" : ""}.`
          )}
        </p>
      </form>
    </AuthPage>
  );
}

function reason(error: unknown): string {
  if (isProblem(error, "wrong-credentials")) return "Email and password do not belong together. Check both and try again.";
  return error instanceof Error ? error.message : "Signing in did not work.";
}
