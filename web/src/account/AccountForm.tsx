/** A new account: name, address and password, each fault at its field. */
import { useRef, useState, type FormEvent, type ReactElement, type ReactNode } from "react";
import { ProblemError, type Registration } from "../api";
import { Button, Fault, Field } from "../ui";
import { NewPassword } from "./NewPassword";
import { emailFault, passwordRules } from "./password";

interface AccountFormProps {
  /** What stands above the fields. */
  head: ReactNode;
  /** What stands below the button. */
  foot: ReactNode;
  act: string;
  /** The only address that will do. */
  fixedEmail?: string | undefined;
  busy: boolean;
  error: Error | null;
  onChange: () => void;
  onSend: (account: Registration) => void;
}

export function AccountForm({ head, foot, act, fixedEmail, busy, error, onChange, onSend }: AccountFormProps): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [email, setEmail] = useState(fixedEmail ?? "");
  const [password, setPassword] = useState("");
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const rules = passwordRules(password, name, email);
  const refusal = error instanceof ProblemError ? error : null;

  const own: Record<string, string | undefined> = {
    name: name.trim() === "" ? "Enter your name" : undefined,
    email: emailFault(email),
    password: rules.some((rule) => rule.required && !rule.met) ? "Meet the rules below" : undefined,
  };
  const shown = (field: string) => (left.has(field) ? (own[field] ?? refusal?.of(field)) : undefined);
  // What is still empty is not blamed before it is sent: the page would move under the pointer that leaves it.
  const leave = (field: string, text: string) => () => text && setLeft(new Set([...left, field]));
  const change = (set: (text: string) => void) => (text: string) => {
    if (error) onChange();
    set(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(new Set(Object.keys(own)));
    const wrong = Object.keys(own).find((field) => own[field]);
    if (wrong) form.current?.querySelector<HTMLInputElement>(`#${wrong}`)?.focus();
    else if (!busy) onSend({ email: email.trim(), name: name.trim(), password });
  };

  return (
    <form ref={form} onSubmit={submit} noValidate>
      {head}
      <div className="two">
        <Field id="name" label="Name" large autoComplete="name" autoFocus maxLength={100} value={name} fault={shown("name")} onText={change(setName)} onBlur={leave("name", name)} />
        <Field id="email" label="Email" large type="email" autoComplete="username" spellCheck={false} readOnly={fixedEmail !== undefined} hint={fixedEmail && "The invitation is for this address."} value={email} fault={shown("email")} onText={change(setEmail)} onBlur={leave("email", email)} />
      </div>
      <NewPassword value={password} rules={rules} fault={shown("password")} onText={change(setPassword)} onBlur={leave("password", password)} />
      {error && !refusal?.errors.length && <Fault>{error.message}</Fault>}
      <Button kind="primary" size="l" className="block" submit busy={busy}>
        {act}
      </Button>
      {foot}
    </form>
  );
}
