/** Short messages at the bottom left: at most three, six seconds, failures stay until they are closed. */
import { Check, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore, type ReactElement } from "react";
import { Button, IconButton } from "./Button";
import { Icon } from "./Icon";

export interface ToastAction {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action: ToastAction | undefined;
}

const SHOWN_SECONDS = 6;
const AT_MOST = 3;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => listener());
}

function add(text: string, bad: boolean, action?: ToastAction): void {
  last += 1;
  change([...toasts, { id: last, text, bad, action }].slice(-AT_MOST));
}

/** Say that something was done; `action` is offered beside it, such as Undo. */
export function say(text: string, action?: ToastAction): void {
  add(text, false, action);
}

/** Say that something failed. Never the only place of an error that concerns what is on screen. */
export function sayFailure(text: string, action?: ToastAction): void {
  add(text, true, action);
}

function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts(): ReactElement {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  const host = useRef<HTMLDivElement>(null);

  // A popover stands above open dialogs; shown again, it comes to the front.
  useEffect(() => {
    const element = host.current;
    if (!element || typeof element.showPopover !== "function") return;
    if (element.matches(":popover-open")) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown]);

  return (
    <div className="toasts" ref={host} popover="manual" role="status" aria-live="polite">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }): ReactElement {
  const { id, bad, action } = toast;
  useEffect(() => {
    if (bad) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [id, bad]);

  return (
    <div className="toast">
      <span className={bad ? "bad" : "ok"}>
        <Icon of={bad ? TriangleAlert : Check} />
      </span>
      <span className="grow">{toast.text}</span>
      {action && (
        <Button
          kind="ghost"
          size="xs"
          className="acc"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      {bad && <IconButton icon={X} label="Close the message" size="s" iconSize={14} onClick={() => dismiss(id)} />}
    </div>
  );
}
