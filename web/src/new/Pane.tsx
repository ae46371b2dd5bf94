/** One way to make a document: its form, and the foot of the dialog with its one primary action. */
import type { FormEvent, ReactElement, ReactNode } from "react";
import { Button, Fault } from "../ui";

interface PaneProps {
  /** What is true of this way, at the left of the foot. */
  hint: string;
  action: string;
  /** Why the action cannot be done yet. */
  notYet?: string | false | undefined;
  busy?: boolean;
  error?: Error | null;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function Pane({ hint, action, notYet, busy = false, error, onSubmit, onClose, children }: PaneProps): ReactElement {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!notYet && !busy) onSubmit();
  };
  return (
    <form className="pane" onSubmit={submit} noValidate>
      <div className="nd-m">{children}</div>
      <footer className="dlg-f">
        {error ? <Fault>{error.message}</Fault> : <span className="t3 f12 foot-hint">{hint}</span>}
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit busy={busy} offBecause={notYet}>
          {action}
          <kbd aria-hidden="true">↵</kbd>
        </Button>
      </footer>
    </form>
  );
}
