/** The first run: the link that the server printed leads here, and the first administrator is made. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Lock } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { auth, isProblem, ProblemError } from "../api";
import { Button, Failure, Fault, Field, Icon } from "../ui";
import { AuthPage } from "./AuthPage";
import { NewPassword } from "./NewPassword";
import { linkSecret } from "./SecretLink";
import { emailFault, passwordRules } from "./password";

const CODE_LENGTH = 12;
const SETTLED_MS = 250;

/** "4f7k92qdhx3m" is "4F7K-92QD-HX3M" while it is being typed. */
export function tidyCode(text: string): string {
  const letters = text.toUpperCase().replaceAll(/[^0-9A-Z]/gu, "").slice(0, CODE_LENGTH);
  return letters.match(/.{1,4}/gu)?.join("-") ?? "";
}

export function FirstRun(): ReactElement {
  const state = useQuery({ queryKey: ["first-run"], queryFn: ({ signal }) => auth.firstRun(signal) });
  if (state.data && !state.data.needed) return <AlreadyDone />;
  return (
    <AuthPage title="First run">
      {state.error ? (
        <div className="done">
          <Failure title="The server does not answer" error={state.error} retry={() => void state.refetch()} />
        </div>
      ) : (
        <AdministratorForm />
      )}
    </AuthPage>
  );
}

function AlreadyDone(): ReactElement {
  return (
    <AuthPage title="First run">
      <div className="done">
        <div>
          <h1>The administrator exists already</h1>
          <p>This link has done its work. Sign in with the account that was made.</p>
        </div>
        <Link href="/sign-in" className="btn primary l block">
          Sign in
        </Link>
      </div>
    </AuthPage>
  );
}

/** Whether the server knows the code, asked once typing rests; what it says when it does not. */
function useCodeCheck(code: string, asks: boolean): { valid: boolean; fault: string | undefined } {
  const [settled, setSettled] = useState(code);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(code), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [code]);
  const whole = settled === code && code.replaceAll("-", "").length === CODE_LENGTH;
  const check = useQuery({
    queryKey: ["first-run", code],
    queryFn: ({ signal }) => auth.checkFirstRunCode(code, signal).then(() => true),
    enabled: whole && asks,
    retry: false,
  });
  return { valid: whole && check.isSuccess, fault: whole && check.error ? codeFault(check.error) : undefined };
}

function codeFault(error: Error): string {
  return isProblem(error, "first-run-code") ? "This code is wrong or has expired. Start the server again, or run “autograph admin first-run” there, for a new one." : error.message;
}

function AdministratorForm(): ReactElement {
  const [, go] = useLocation();
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [code, setCode] = useState(() => tidyCode(linkSecret()));
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const rules = passwordRules(password, name, email);

  const create = useMutation({
    mutationFn: () => auth.createAdministrator({ code, email: email.trim(), name: name.trim(), password }),
    onSuccess: () => {
      client.clear();
      go("/", { replace: true });
    },
  });
  const checked = useCodeCheck(code, create.isIdle || create.isError); // a code that was used is not asked about again
  const refusal = create.error instanceof ProblemError ? create.error : null;

  const faults: Record<string, string | undefined> = {
    code: checked.fault ?? (refusal?.slug === "first-run-code" ? codeFault(refusal) : code.length < CODE_LENGTH ? "Enter the code that the server printed" : undefined),
    name: name.trim() === "" ? "Enter your name" : refusal?.of("name"),
    email: emailFault(email) ?? refusal?.of("email"),
    password: rules.every((rule) => rule.met || !rule.required) ? refusal?.of("password") : "Meet the rules below",
  };
  const shown = (field: string) => (left.has(field) || (field === "code" && checked.fault) ? faults[field] : undefined);
  const leave = (field: string) => () => setLeft(new Set([...left, field]));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    setLeft(new Set(Object.keys(faults)));
    const wrong = Object.keys(faults).find((field) => faults[field] && !(refusal?.of(field) === faults[field]));
    if (wrong) form.current?.querySelector<HTMLInputElement>(`#${wrong}`)?.focus();
    else create.mutate();
  };

  const change = (set: (text: string) => void) => (text: string) => {
    if (create.isError) create.reset();
    set(text);
  };

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <div>
        <h1>Create the first administrator</h1>
        <p>This account owns the workspace on this server. You can add more administrators later.</p>
      </div>
      <Field
        id="code"
        label="Setup code"
        large
        mono
        autoComplete="off"
        spellCheck={false}
        autoFocus={code === ""}
        value={code}
        fault={shown("code")}
        hint="Printed when the server starts, or by “autograph admin first-run”. Expires after 60 minutes."
        onText={change((text) => setCode(tidyCode(text)))}
        onBlur={leave("code")}
        after={
          checked.valid && (
            <span className="ok row f12">
              <Icon of={Check} />
              Valid
            </span>
          )
        }
      />
      <div className="two">
        <Field id="name" label="Name" large autoComplete="name" autoFocus={code !== ""} maxLength={100} value={name} fault={shown("name")} onText={change(setName)} onBlur={leave("name")} />
        <Field id="email" label="Email" large type="email" autoComplete="username" spellCheck={false} value={email} fault={shown("email")} onText={change(setEmail)} onBlur={leave("email")} />
      </div>
      <NewPassword value={password} rules={rules} fault={shown("password")} onText={change(setPassword)} onBlur={leave("password")} />
      {refusal && refusal.slug !== "first-run-code" && refusal.errors.length === 0 && <Fault>{refusal.message}</Fault>}
      <Button kind="primary" size="l" className="block" submit busy={create.isPending}>
        Create administrator
      </Button>
      <div className="note">
        <Icon of={Lock} />
        <span>Passwords are stored as salted hashes on this server. Nothing leaves your network.</span>
      </div>
    </form>
  );
}
