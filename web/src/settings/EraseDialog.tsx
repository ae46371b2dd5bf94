/** Erasing one's account: what becomes of the documents, who one is, and that it is meant. */
import { useState, type FormEvent, type ReactElement } from "react";
import { isProblem, ownData, type Departed, type ErasureProspect } from "../api";
import { Button, counted, Dialog, Fault, Field, PasswordField } from "../ui";
import { DocumentsTo, type Fate } from "./DocumentsTo";
import { useSave } from "./useSave";
import type { Teammate } from "./useTeammates";

interface EraseDialogProps {
  prospect: ErasureProspect;
  teammates: readonly Teammate[];
  onClose: () => void;
}

export function EraseDialog({ prospect, teammates, onClose }: EraseDialogProps): ReactElement {
  const [fate, setFate] = useState<Fate>();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [isMeant, setMeant] = useState(false);
  const erase = useSave({ send: () => ownData.erase({ documents_to: fate ?? null, current_password: password, code: code.trim() }) });
  if (erase.data) return <Gone departed={erase.data} given={Boolean(fate)} />;

  const wantsCode = prospect.second_factors.includes("totp");
  const isPassword = isProblem(erase.error, "wrong-credentials");
  const isCode = isProblem(erase.error, "wrong-code");
  const lacks =
    fate === undefined ? "Say what becomes of your documents" : fate === "" ? "Choose who gets them" : prospect.has_password && !password ? "Enter your password" : !isMeant && "Say that you mean it";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!lacks && !erase.isPending) erase.mutate();
  };
  return (
    <Dialog title="Erase your account?" onClose={onClose}>
      <form id="erase" className="dlg-b dlg-form" onSubmit={submit} noValidate>
        <DocumentsTo fate={fate} heirs={teammates.map(({ id, name }) => [id, name] as const)} fault={erase.fault("documents_to")} nobody="Nobody is in a team with you." onFate={setFate} />
        {prospect.has_password && <PasswordField label="Current password" autoComplete="current-password" value={password} fault={isPassword ? erase.refused : undefined} onText={setPassword} />}
        {wantsCode && <Field label="Code of the app, or a backup code" mono autoComplete="one-time-code" spellCheck={false} maxLength={20} value={code} fault={isCode ? erase.refused : undefined} hint="Leave it empty if you have just signed in with one." onText={setCode} />}
        <label className="row">
          <input className="chk" type="checkbox" checked={isMeant} onChange={(event) => setMeant(event.target.checked)} />I know that nobody can undo this
        </label>
        {erase.refused && !isPassword && !isCode && <Fault>{erase.refused}</Fault>}
      </form>
      <footer className="dlg-f">
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="danger" submit form="erase" busy={erase.isPending} offBecause={lacks}>
          Erase account
        </Button>
      </footer>
    </Dialog>
  );
}

function Gone({ departed: { documents }, given }: { departed: Departed; given: boolean }): ReactElement {
  const what = documents === null ? "Your documents follow by themselves." : `${counted(documents, "document")} ${given ? "went to whom you chose" : "removed"}.`;
  return (
    <Dialog
      key="gone"
      title="Your account is erased"
      size="small"
      plain
      onClose={() => undefined}
      footer={
        <>
          <span className="grow" />
          <a className="btn primary" href="/sign-in" data-first>
            Leave
          </a>
        </>
      }
    >
      <p className="dlg-b" role="status">
        {what} You are signed out everywhere.
      </p>
    </Dialog>
  );
}
