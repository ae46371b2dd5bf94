/** What people call one, and the address one signs in with. */
import { useState, type ReactElement } from "react";
import { auth, isProblem, type User } from "../api";
import { ME } from "../app/queries";
import { Button, exactly, Fault, Field, Panel, PasswordField } from "../ui";
import { useSave } from "./useSave";

export function Profile({ me }: { me: User }): ReactElement {
  return (
    <>
      <Name me={me} />
      <Address me={me} />
      <Panel title="Roles" note={`Account made ${exactly(me.created_at)}`}>
        <p className="st-text">
          {me.roles.join(", ")}. An administrator can give you others.
        </p>
      </Panel>
    </>
  );
}

function Name({ me }: { me: User }): ReactElement {
  const [name, setName] = useState(me.name);
  const save = useSave({ send: auth.rename, done: "Your name is saved.", renews: ME });
  const fault = name.trim() === "" ? "Enter your name" : save.fault("name");
  return (
    <Panel title="Name">
      <form
        className="st-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save.mutate(name.trim());
        }}
      >
        <Field label="Name" autoComplete="name" maxLength={100} value={name} fault={fault} hint="Others see it beside what you do." onText={setName} />
        {save.refused && <Fault>{save.refused}</Fault>}
        <Button kind="primary" submit busy={save.isPending} offBecause={name.trim() === me.name && "The name is as it was"}>
          Save name
        </Button>
      </form>
    </Panel>
  );
}

function Address({ me }: { me: User }): ReactElement {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [wantsCode, setWantsCode] = useState(false);
  const ask = useSave({ send: () => auth.askForAddress(email.trim(), password, code.trim()), then: () => setPassword("") });
  const isCode = isProblem(ask.error, "wrong-code");
  if (isProblem(ask.error, "second-factor-wanted") && !wantsCode) setWantsCode(true);
  return (
    <Panel title="Email address" note={me.email}>
      {ask.isSuccess ? (
        <p className="st-text" role="status">
          If {email.trim()} is free, a link is on its way there. Your address changes when you follow it.
        </p>
      ) : (
        <form
          className="st-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate();
          }}
        >
          <div className="st-two">
            <Field label="New address" type="email" autoComplete="off" spellCheck={false} value={email} fault={ask.fault("email")} onText={setEmail} />
            <PasswordField label="Current password" autoComplete="current-password" value={password} fault={isCode || isProblem(ask.error, "second-factor-wanted") ? undefined : ask.refused} onText={setPassword} />
          </div>
          {wantsCode && <Field label="Code of the app, or a backup code" mono autoComplete="one-time-code" autoFocus spellCheck={false} maxLength={20} value={code} fault={isCode ? ask.refused : undefined} hint="Without an app: sign in again with your passkey, then do this within five minutes." onText={setCode} />}
          <Button submit busy={ask.isPending} offBecause={(!email.trim() || !password) && "Enter the new address and your password"}>
            Change address
          </Button>
        </form>
      )}
    </Panel>
  );
}
