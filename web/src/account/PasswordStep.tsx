/** The first half of a sign-in: address and password, or a way around them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Fingerprint, Shield } from "lucide-react";
import { useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link } from "wouter";
import { auth, passkeys, type FirstRunState, type SecondStep } from "../api";
import { Button, Fault, Field, Icon, PasswordField } from "../ui";
import { AuthPage } from "./AuthPage";
import { rememberNext } from "./next";
import { canUsePasskeys, passkeyFault, showPasskey } from "./passkey";
import { passwordProblem } from "./problems";

interface PasswordStepProps {
  email: string;
  onEmail: (email: string) => void;
  /** Why one is here again. */
  refused: string | undefined;
  registration: FirstRunState["registration"] | undefined;
  onOpened: () => void;
  onStep: (step: SecondStep) => void;
}

export function PasswordStep({ email, onEmail, refused, registration, onOpened, onStep }: PasswordStepProps): ReactElement {
  const [password, setPassword] = useState("");
  const [remember, setRemember] = useState(true);
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const focus = (field: "email" | "password") => form.current?.querySelector<HTMLInputElement>(`#${field}`)?.focus();

  const signIn = useMutation({
    mutationFn: () => auth.signIn(email.trim(), password, remember),
    onSuccess: (found) => ("mfa_token" in found ? onStep(found) : onOpened()),
    onError: () => {
      setPassword("");
      focus("password");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = email.trim() === "" ? "email" : password === "" ? "password" : null;
    setMissing(empty !== null);
    if (empty) focus(empty);
    else if (!signIn.isPending) signIn.mutate();
  };

  return (
    <AuthPage title="Sign in">
      <form ref={form} onSubmit={submit} noValidate>
        <div>
          <h1>Sign in</h1>
          <p>Your diagrams, and the code that proves them</p>
        </div>
        {refused && !signIn.error && <Fault>{refused}</Fault>}
        <OtherWays remember={remember} onOpened={onOpened} />
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
          onText={onEmail}
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
        {signIn.error && <Fault>{passwordProblem(signIn.error)}</Fault>}
        <Button kind="primary" size="l" className="block" submit busy={signIn.isPending}>
          Sign in
        </Button>
        <p className="t3 f12">
          No account?{" "}
          {registration === "open" ? <Link href="/register">Create one</Link> : `Ask an administrator of this workspace${registration === "invited" ? " for an invitation" : ""}.`}
        </p>
      </form>
    </AuthPage>
  );
}

/** Providers and passkeys, where the installation and the browser have them. */
function OtherWays({ remember, onOpened }: { remember: boolean; onOpened: () => void }): ReactElement | null {
  const providers = useQuery({ queryKey: ["providers"], queryFn: ({ signal }) => auth.providers(signal), retry: false });
  const show = useMutation({
    mutationFn: async () => {
      const asked = await passkeys.ask();
      return passkeys.signIn(await showPasskey(asked.public_key), { remember_me: remember });
    },
    onSuccess: onOpened,
  });
  const items = providers.data?.items ?? [];
  const hasPasskeys = providers.data?.passkeys_available === true && canUsePasskeys();
  if (items.length === 0 && !hasPasskeys) return null;
  return (
    <>
      {items.map(({ id, name }) => (
        <a key={id} className="btn l block" href={auth.providerAddress(id, remember)} onClick={() => rememberNext(location.search)}>
          <Icon of={Shield} />
          Continue with {name}
        </a>
      ))}
      {hasPasskeys && (
        <Button size="l" className="block" icon={Fingerprint} busy={show.isPending} onClick={() => show.mutate()}>
          Sign in with a passkey
        </Button>
      )}
      {show.error && <Fault>{passkeyFault(show.error)}</Fault>}
      <div className="or">or with a password</div>
    </>
  );
}
