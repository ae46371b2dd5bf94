/** A dialog that sends one thing: what it needs to know, Cancel, and the button that does it. */
import { useId, type ReactElement, type ReactNode } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

interface FormDialogProps {
  title: string;
  size?: "small" | "form";
  /** What the button does: a verb and a noun. */
  act: string;
  /** It destroys something: the dialog asks, and has no cross. */
  danger?: boolean;
  busy: boolean;
  /** Why it cannot be sent yet. */
  lacks?: string | false;
  onSend: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function FormDialog({ title, size = "small", act, danger = false, busy, lacks = false, onSend, onClose, children }: FormDialogProps): ReactElement {
  const form = useId();
  return (
    <Dialog title={title} size={size} plain={danger} onClose={onClose}>
      <form
        id={form}
        className="dlg-b dlg-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!lacks && !busy) onSend();
        }}
      >
        {children}
      </form>
      <footer className="dlg-f">
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind={danger ? "danger" : "primary"} submit form={form} busy={busy} offBecause={lacks}>
          {act}
        </Button>
      </footer>
    </Dialog>
  );
}
