/** The second half of a sign-in: a code of the app, a backup code or a passkey, whichever one has at hand. */
import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { factors, isProblem, passkeys, type Method, type SecondStep as Step } from "../api";
import { Button, Fault, Field } from "../ui";
import { CodeField } from "./AppKey";
import { AuthPage } from "./AuthPage";
import { Enrol } from "./Enrol";
import { canUsePasskeys, passkeyFault, showPasskey } from "./passkey";
import { TOO_LATE } from "./problems";

interface SecondStepProps {
  step: Step;
  onOpened: () => void;
  /** Back to the first half, and why. */
  onBack: (why?: string) => void;
}

const WAYS: Readonly<Record<Method, string>> = {
  passkey: "Use a passkey",
  totp: "Use a code of your app",
  backup_code: "Use a backup code",
};

export function SecondStep({ step, onOpened, onBack }: SecondStepProps): ReactElement {
  const usable = (["passkey", "totp", "backup_code"] as const).filter((one) => step.methods.includes(one) && (one !== "passkey" || canUsePasskeys()));
  const [way, setWay] = useState<Method | undefined>(usable[0]);

  useEffect(() => {
    const timer = setTimeout(() => onBack(TOO_LATE), step.expires_in * 1000);
    return () => clearTimeout(timer);
    // A newer way back is the same way back.
  }, [step]);

  if (step.methods.length === 0) return <Enrol step={step} onOpened={onOpened} onBack={onBack} />;
  const shared = { step, onOpened, onBack };
  return (
    <AuthPage title="Second step">
      <div className="done">
        {way === "passkey" && <ByPasskey {...shared} />}
        {(way === "totp" || way === "backup_code") && <ByCode key={way} way={way} {...shared} />}
        {!way && <p>Your account wants a passkey, and this browser cannot show one here. Sign in on a device that can.</p>}
        <div className="ways">
          {usable
            .filter((one) => one !== way)
            .map((one) => (
              <Button key={one} kind="ghost" className="acc" onClick={() => setWay(one)}>
                {WAYS[one]}
              </Button>
            ))}
          <Button kind="ghost" onClick={() => onBack()}>
            Back to sign in
          </Button>
        </div>
        <p className="t3 f12">Nothing of this at hand? An administrator can reset your second factors.</p>
      </div>
    </AuthPage>
  );
}

function ByCode({ way, step, onOpened, onBack }: SecondStepProps & { way: "totp" | "backup_code" }): ReactElement {
  const [code, setCode] = useState("");
  const [missing, setMissing] = useState(false);
  const verify = useMutation({
    mutationFn: () => factors.verify(step.mfa_token, code),
    onSuccess: onOpened,
    onError: (error) => {
      if (isProblem(error, "second-step-worthless")) onBack(TOO_LATE);
      setCode("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(code.trim() === "");
    if (code.trim() && !verify.isPending) verify.mutate();
  };
  const change = (text: string) => {
    if (verify.isError) verify.reset();
    setCode(text);
  };
  const fault = verify.error?.message ?? (missing && !code ? "Enter the code" : undefined);
  return (
    <form className="plain" onSubmit={submit} noValidate>
      <div>
        <h1>{way === "totp" ? "Enter the code of your app" : "Enter a backup code"}</h1>
        <p>{way === "totp" ? "One step is left. Your authenticator app shows six digits for AutoGraph." : "One of the ten that you have kept. It works once."}</p>
      </div>
      {way === "totp" ? (
        <CodeField label="Code" large value={code} fault={fault} onText={change} />
      ) : (
        <Field id="code" label="Backup code" large mono autoComplete="off" autoCapitalize="off" spellCheck={false} autoFocus maxLength={20} placeholder="abcde-fghjk" value={code} fault={fault} onText={change} />
      )}
      <Button kind="primary" size="l" className="block" submit busy={verify.isPending}>
        Sign in
      </Button>
    </form>
  );
}

function ByPasskey({ step, onOpened, onBack }: SecondStepProps): ReactElement {
  const show = useMutation({
    mutationFn: async () => {
      const asked = await passkeys.ask(step.mfa_token);
      return passkeys.signIn(await showPasskey(asked.public_key), { mfa_token: step.mfa_token });
    },
    onSuccess: onOpened,
    onError: (error) => {
      if (isProblem(error, "second-step-worthless")) onBack(TOO_LATE);
    },
  });
  return (
    <>
      <div>
        <h1>Show your passkey</h1>
        <p>One step is left. Your browser asks for a passkey of yours.</p>
      </div>
      {show.error && <Fault>{passkeyFault(show.error)}</Fault>}
      <Button kind="primary" size="l" className="block" icon={Fingerprint} autoFocus busy={show.isPending} onClick={() => show.mutate()}>
        Use passkey
      </Button>
    </>
  );
}
