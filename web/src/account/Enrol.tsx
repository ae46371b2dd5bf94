/** A sign-in that wants a second factor of somebody who has none: an authenticator app or a passkey is set up on the way in. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { factors, isProblem, passkeys, ProblemError, type SecondStep } from "../api";
import { Answer, Button, Fault } from "../ui";
import { AppKey } from "./AppKey";
import { AuthPage } from "./AuthPage";
import { BackupCodes } from "./BackupCodes";
import { canUsePasskeys } from "./passkey";
import { PasskeyForm } from "./PasskeyForm";
import { TOO_LATE } from "./problems";

interface EnrolProps {
  step: SecondStep;
  onOpened: () => void;
  onBack: (why?: string) => void;
}

export function Enrol({ step, onOpened, onBack }: EnrolProps): ReactElement {
  const [isPasskey, setPasskey] = useState(false);
  if (isPasskey) {
    return (
      <AuthPage title="Set up a second factor">
        <div className="done">
          <div>
            <h1>Set up a passkey</h1>
            <p>It is kept by this device, your phone or a security key, and also signs you in alone.</p>
          </div>
          <PasskeyForm id="first-passkey" className="plain" large by={passkeys.within(step.mfa_token)} onAdded={onOpened}>
            {({ busy, lacks }) => (
              <Button kind="primary" size="l" className="block" submit form="first-passkey" busy={busy} offBecause={lacks}>
                Set up and sign in
              </Button>
            )}
          </PasskeyForm>
          <Button kind="ghost" onClick={() => setPasskey(false)}>
            Use an authenticator app
          </Button>
        </div>
      </AuthPage>
    );
  }
  return <EnrolApp step={step} onOpened={onOpened} onBack={onBack} onPasskey={() => setPasskey(true)} />;
}

function EnrolApp({ step, onOpened, onBack, onPasskey }: EnrolProps & { onPasskey: () => void }): ReactElement {
  const [code, setCode] = useState("");
  const key = useQuery({ queryKey: ["enrol", step.mfa_token], queryFn: () => factors.enrolSetUp(step.mfa_token), staleTime: Infinity, gcTime: 0, retry: false });
  const enable = useMutation({ mutationFn: () => factors.enrolEnable(step.mfa_token, code) });
  const lost = lostBecause(key.error ?? enable.error);
  useEffect(() => {
    if (lost) onBack(lost);
  }, [lost]);
  if (enable.data) return <Kept codes={enable.data.backup_codes} email={enable.data.signed_in.user.email} onDone={onOpened} />;

  const refusal = enable.error instanceof ProblemError ? enable.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() && key.data && !enable.isPending) enable.mutate();
  };
  return (
    <AuthPage title="Set up a second factor">
      <form onSubmit={submit} noValidate>
        <div>
          <h1>Set up a second factor</h1>
          <p>Everybody needs one here. An authenticator app gives a new code every 30 seconds.</p>
        </div>
        {!lost && <Answer of={key}>{(given) => <AppKey given={given} large code={code} fault={refusal?.of("code") ?? refusal?.message} onCode={setCode} />}</Answer>}
        {enable.error && !refusal && <Fault>{enable.error.message}</Fault>}
        <Button kind="primary" size="l" className="block" submit busy={enable.isPending} offBecause={!code.trim() && "Enter the app’s code"}>
          Set up and sign in
        </Button>
        {canUsePasskeys() && (
          <Button size="l" className="block" icon={Fingerprint} onClick={onPasskey}>
            Use a passkey instead
          </Button>
        )}
        <Button kind="ghost" onClick={() => onBack()}>
          Back to sign in
        </Button>
      </form>
    </AuthPage>
  );
}

/** Why this sign-in cannot be gone on with. */
function lostBecause(error: Error | null): string | undefined {
  if (isProblem(error, "second-step-worthless")) return TOO_LATE;
  return isProblem(error, "mfa-enabled") ? "A second factor was set up meanwhile. Sign in with it." : undefined;
}

/** The codes that were just made, as a page. */
export function Kept({ codes, email, onDone }: { codes: readonly string[]; email: string; onDone: () => void }): ReactElement {
  return (
    <AuthPage title="Keep your backup codes">
      <div className="done">
        <div>
          <h1>Keep your backup codes</h1>
          <p>Each signs you in once when your phone is away. They are not shown again.</p>
        </div>
        <BackupCodes codes={codes} email={email} large doneLabel="Open AutoGraph" onDone={onDone} />
      </div>
    </AuthPage>
  );
}
