/** A modal dialog on the browser's own element: it keeps the focus inside, Esc closes it, focus returns. */
import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react";
import { IconButton } from "./Button";
import { focusHeading } from "./pageTitle";

interface DialogProps {
  title: string;
  size?: "small" | "form" | "wide";
  onClose: () => void;
  /** Buttons; the primary one last. */
  footer?: ReactNode;
  /** A dialog that asks one question has no cross: its buttons answer it. */
  plain?: boolean;
  children: ReactNode;
}

const FIELDS = "input:not([type=file], [type=checkbox]), textarea, select";

export function Dialog({ title, size = "form", onClose, footer, plain, children }: DialogProps): ReactElement {
  const frame = useRef<HTMLDialogElement>(null);
  const name = useId();

  useEffect(() => {
    const dialog = frame.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) {
      dialog.showModal();
      // The browser would take the cross: what is to be filled in comes first, else the dialog itself.
      const field = dialog.querySelector<HTMLElement>("[data-first]") ?? dialog.querySelector<HTMLElement>(FIELDS);
      (field ?? dialog).focus();
    }
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus();
      else focusHeading();
    };
  }, []);

  return (
    <dialog
      ref={frame}
      className={`dlg ${size}`}
      aria-labelledby={name}
      tabIndex={-1}
      onCancel={(event) => {
        // A file picker inside also reports that it was cancelled.
        if (event.target !== frame.current) return;
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === frame.current) onClose();
      }}
    >
      <header className="dlg-h">
        <h2 id={name}>{title}</h2>
        {!plain && <IconButton icon={X} label="Close" onClick={onClose} />}
      </header>
      {children}
      {footer && <footer className="dlg-f">{footer}</footer>}
    </dialog>
  );
}
