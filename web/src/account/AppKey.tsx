/** What an authenticator app is given: a picture to scan, or a key to type; and its first code. */
import { Check, Copy } from "lucide-react";
import { useState, type ReactElement } from "react";
import type { AppKey as Given } from "../api";
import { Button, Field } from "../ui";
import { inFours } from "./codes";

interface AppKeyProps {
  given: Given;
  code: string;
  fault: string | undefined;
  large?: boolean;
  onCode: (code: string) => void;
}

export function AppKey({ given, code, fault, large = false, onCode }: AppKeyProps): ReactElement {
  return (
    <>
      <div className="app-key">
        <img src={`data:image/svg+xml,${encodeURIComponent(given.qr_svg)}`} alt="QR code of the key" width="148" height="148" />
        <div className="app-key-by">
          <p>Scan this with your authenticator app. No camera? Type the key:</p>
          <code aria-label="Key for the app">{inFours(given.secret)}</code>
          <div className="app-key-acts">
            <CopyButton text={given.secret} what="key" />
            <a className="btn s" href={given.otpauth_uri}>
              Open app on this device
            </a>
          </div>
        </div>
      </div>
      <CodeField label="Code that the app shows now" value={code} fault={fault} large={large} onText={onCode} />
    </>
  );
}

interface CodeFieldProps {
  label: string;
  value: string;
  fault: string | undefined;
  large?: boolean;
  hint?: string;
  onText: (code: string) => void;
}

/** Six digits, offered by phones and password managers. */
export function CodeField({ label, value, fault, large = false, hint, onText }: CodeFieldProps): ReactElement {
  return <Field id="code" label={label} large={large} mono inputMode="numeric" autoComplete="one-time-code" spellCheck={false} autoFocus maxLength={12} value={value} fault={fault} hint={hint} onText={onText} />;
}

export function CopyButton({ text, what }: { text: string; what: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <Button size="s" icon={copied ? Check : Copy} onClick={() => void copy()}>
      {copied ? "Copied" : `Copy ${what}`}
    </Button>
  );
}
