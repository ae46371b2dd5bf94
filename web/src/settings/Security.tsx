/** What one signs in with. */
import { useState, type ReactElement } from "react";
import { NewPassword, passwordRules } from "../account";
import { auth, type User } from "../api";
import { Button, Fault, Panel, PasswordField } from "../ui";
import { AuthenticatorApp } from "./AuthenticatorApp";
import { Passkeys } from "./Passkeys";
import { useSave } from "./useSave";

export function Security({ me }: { me: User }): ReactElement {
  return (
    <>
      <Password me={me} />
      <AuthenticatorApp me={me} />
      <Passkeys />
    </>
  );
}

function Password({ me }: { me: User }): ReactElement {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const rules = passwordRules(wanted, me.name, me.email);
  const weak = rules.some((rule) => rule.required && !rule.met);
  const save = useSave({
    send: () => auth.changePassword(current, wanted),
    done: "Your password is changed. Every other session was ended.",
    renews: ["sessions"],
    then: () => {
      setCurrent("");
      setWanted("");
    },
  });
  return (
    <Panel title="Password">
      <form
        className="st-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!weak && current) save.mutate();
        }}
      >
        <PasswordField id="current" label="Current password" autoComplete="current-password" value={current} fault={save.refused} onText={setCurrent} />
        <NewPassword label="New password" large={false} value={wanted} rules={rules} fault={save.fault("password")} onText={setWanted} />
        {save.fault("new_password") && <Fault>{save.fault("new_password")}</Fault>}
        <Button kind="primary" submit busy={save.isPending} offBecause={(weak || !current) && "Enter both passwords; the new one must meet the rules"}>
          Change password
        </Button>
      </form>
    </Panel>
  );
}
