/** What is done with an authenticator app that is set up: its codes shown once, made anew, and the app removed. */
import { useState, type ReactElement } from "react";
import { BackupCodes, CodeField } from "../account";
import { factors, isProblem, type User } from "../api";
import { Dialog, Fault, Field, FormDialog, PasswordField } from "../ui";
import { useSave } from "./useSave";

export const FACTORS = ["factors"] as const;

interface CodesDialogProps {
  codes: readonly string[];
  me: User;
  said: string;
  onDone: () => void;
}

/** Neither Esc nor a slip beside it closes this one: the codes would be gone. */
export function CodesDialog({ codes, me, said, onDone }: CodesDialogProps): ReactElement {
  return (
    <Dialog key="codes" title="Keep your backup codes" plain onClose={() => undefined}>
      <div className="dlg-b dlg-form">
        <p>{said} Each of these codes signs you in once when your phone is away. They are not shown again.</p>
        <BackupCodes codes={codes} email={me.email} doneLabel="Done" onDone={onDone} />
      </div>
    </Dialog>
  );
}

export function NewCodes({ me, onClose }: { me: User; onClose: () => void }): ReactElement {
  const [code, setCode] = useState("");
  const make = useSave({ send: () => factors.newBackupCodes(code) });
  if (make.data) return <CodesDialog codes={make.data.backup_codes} me={me} said="The earlier ones are worth nothing now." onDone={onClose} />;
  return (
    <FormDialog title="Make new backup codes" size="form" act="Make new codes" busy={make.isPending} lacks={!code.trim() && "Enter the app’s code"} onSend={make.mutate} onClose={onClose}>
      <p>The codes that you have now stop working.</p>
      <CodeField label="Code that the app shows now" value={code} fault={make.refused ?? make.fault("code")} onText={setCode} />
    </FormDialog>
  );
}

export function RemoveApp({ onClose }: { onClose: () => void }): ReactElement {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const remove = useSave({ send: () => factors.disable(password, code), done: "The app is removed. Your other sessions were ended.", then: onClose });
  const isCode = isProblem(remove.error, "wrong-code");
  const isPassword = isProblem(remove.error, "wrong-credentials");
  return (
    <FormDialog title="Remove authenticator app?" size="form" act="Remove app" danger busy={remove.isPending} lacks={!code.trim() && "Enter a code"} onSend={remove.mutate} onClose={onClose}>
      <p>Its backup codes go with it. Without another factor your password alone is enough to sign in.</p>
      <PasswordField label="Current password" autoComplete="current-password" value={password} fault={isPassword ? remove.refused : undefined} hint="Leave it empty if your account has none." onText={setPassword} />
      <Field label="Code of the app, or a backup code" mono autoComplete="one-time-code" spellCheck={false} maxLength={20} value={code} fault={isCode ? remove.refused : undefined} onText={setCode} />
      {remove.refused && !isCode && !isPassword && <Fault>{remove.refused}</Fault>}
    </FormDialog>
  );
}
