/** A new passkey: what it is called, then the browser asks for it. */
import { useState, type ReactElement, type ReactNode } from "react";
import { ProblemError, type passkeys } from "../api";
import { Fault, Field } from "../ui";
import { CurrentPassword } from "./CurrentPassword";
import { device } from "./device";
import { makePasskey, passkeyFault } from "./passkey";
import { useAgain } from "./useAgain";

interface PasskeyFormProps<Got> {
  id: string;
  /** Whom the server is asked through: one's own passkeys, or a sign-in half-way. */
  by: {
    askNew: (password: string) => ReturnType<typeof passkeys.askNew>;
    add: (...sent: Parameters<typeof passkeys.add>) => Promise<Got>;
  };
  className?: string;
  large?: boolean;
  onAdded: (got: Got) => void;
  /** The buttons, which stand behind the form. */
  children: (state: { busy: boolean; lacks: string | false }) => ReactNode;
}

export function PasskeyForm<Got>({ id, by, className, large = false, onAdded, children }: PasskeyFormProps<Got>): ReactElement {
  const [name, setName] = useState(() => device(navigator.userAgent));
  const add = useAgain(async (password) => {
    const asked = await by.askNew(password);
    return by.add(name.trim(), await makePasskey(asked.public_key));
  }, onAdded);
  const nameFault = add.fault instanceof ProblemError ? add.fault.of("name") : undefined;
  const lacks = !name.trim() ? "Give it a name" : add.again.asks && !add.again.password && "Enter your password";
  return (
    <>
      <form
        id={id}
        className={className}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!lacks && !add.isPending) add.mutate();
        }}
      >
        <Field label="Name of the passkey" large={large} maxLength={100} autoFocus value={name} fault={nameFault} hint="So that you know it in the list." onText={setName} />
        <CurrentPassword of={add.again} large={large} />
        {add.fault && !nameFault && <Fault>{passkeyFault(add.fault)}</Fault>}
      </form>
      {children({ busy: add.isPending, lacks })}
    </>
  );
}
