/** Sign in with an e-mail address and a password. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Shield } from "lucide-react";
import { useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { auth, isProblem } from "../api";
import { Button, Fault, Field, Icon, PasswordField } from "../ui";
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

  const providers = useQuery({ queryKey: ["providers"], queryFn: ({ signal }) => auth.providers(signal), retry: false });
  const problem = new URLSearchParams(location.search).get("problem");
  const refused = problem && (PROBLEMS[problem] ?? "Signing in there did not work. Try again.");

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
        {refused && <Fault>{refused}</Fault>}
        {providers.data && providers.data.items.length > 0 && (
          <>
            {providers.data.items.map(({ id, name }) => (
              <a key={id} className="btn l block" href={auth.providerAddress(id, remember)}>
                <Icon of={Shield} />
                Continue with {name}
              </a>
            ))}
            <div className="or">or with a password</div>
          </>
        )}
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

/** Why a provider's sign-in ended here, by the slug that the server puts into the address. */
const PROBLEMS: Readonly<Record<string, string>> = {
  "provider-away": "The sign-in service does not answer. Try again later, or sign in with a password.",
  "provider-not-believed": "What the sign-in service said could not be believed. Tell an administrator.",
  "provider-unknown": "There is no such way to sign in here.",
  "sign-in-worthless": "This sign-in took too long, or was begun in another browser. Begin again.",
  "sign-in-declined": "The sign-in was cancelled, or the sign-in service refused it.",
  "address-not-verified": "The sign-in service has not confirmed your address. Confirm it there first.",
  "no-account": "There is no account for you here. Ask an administrator for an invitation.",
  "no-role": "Your groups give you no access here. Ask an administrator.",
  "account-disabled": "This account is disabled. Ask an administrator.",
  "domain-not-allowed": "Accounts are for other email domains here.",
};

function reason(error: unknown): string {
  if (isProblem(error, "wrong-credentials")) return "Email and password do not belong together. Check both and try again.";
  return error instanceof Error ? error.message : "Signing in did not work.";
}
