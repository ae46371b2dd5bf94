/** Buttons: a verb and a noun, at most one of them primary in a view. */
import type { LucideIcon } from "lucide-react";
import { useLayoutEffect, useRef, useState, type ButtonHTMLAttributes, type ReactElement, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Icon } from "./Icon";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type">;

interface ButtonProps extends Native {
  kind?: "primary" | "default" | "ghost" | "danger";
  size?: "xs" | "s" | "m" | "l";
  icon?: LucideIcon;
  /** Something is under way: a spinner shows, presses do nothing, the width stays. */
  busy?: boolean;
  submit?: boolean;
  /** Why it cannot be pressed now; disables the button, and is its tooltip; shown when the button is pressed or reached by keys. */
  offBecause?: string | false | undefined;
  children: ReactNode;
}

export function Button({ kind = "default", size = "m", icon, busy, submit, offBecause, ...rest }: ButtonProps): ReactElement {
  const { className, children, onClick, onFocus, onBlur, onKeyDown, title, ...native } = rest;
  const off = Boolean(offBecause);
  const [asked, setAsked] = useState<HTMLElement>();
  const classes = ["btn", kind === "default" ? "" : kind, size === "m" ? "" : size, className ?? ""];
  return (
    <button
      {...native}
      type={submit ? "submit" : "button"}
      className={classes.filter(Boolean).join(" ")}
      title={offBecause || title}
      aria-busy={busy || undefined}
      aria-disabled={off || undefined}
      onClick={(event) => {
        if (off) setAsked(event.currentTarget);
        if (off || busy) event.preventDefault();
        else onClick?.(event);
      }}
      onFocus={(event) => {
        if (off) setAsked(event.currentTarget);
        onFocus?.(event);
      }}
      onBlur={(event) => {
        setAsked(undefined);
        onBlur?.(event);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") setAsked(undefined);
        onKeyDown?.(event);
      }}
    >
      {busy ? <span className="spin" aria-hidden="true" /> : icon && <Icon of={icon} />}
      {children}
      {offBecause && asked && <Reason of={asked}>{offBecause}</Reason>}
    </button>
  );
}

const GAP = 6;

/** Why a button is off, in sight above it or below; readers have it from the title. */
function Reason({ of: button, children }: { of: HTMLElement; children: string }): ReactElement {
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const shown = box.current;
    if (!shown) return;
    // A popover stands above dialogs, and nothing cuts it off.
    if (typeof shown.showPopover === "function") shown.showPopover();
    const at = button.getBoundingClientRect();
    const top = at.top - GAP - shown.offsetHeight;
    shown.style.top = `${top >= 0 ? top : at.bottom + GAP}px`;
    shown.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - shown.offsetWidth - GAP))}px`;
  }, [button, children]);
  return createPortal(
    <span className="why" ref={box} popover="manual" aria-hidden="true">
      {children}
    </span>,
    button.closest("dialog") ?? document.body,
  );
}

interface IconButtonProps extends Native {
  icon: LucideIcon;
  /** What it does, for readers and as the tooltip. */
  label: string;
  size?: "s" | "m" | "t";
  iconSize?: number;
  pressed?: boolean;
}

export function IconButton({ icon, label, size = "m", iconSize = 16, pressed, className, ...native }: IconButtonProps): ReactElement {
  const classes = ["ib", size === "m" ? "" : size, pressed ? "act" : "", className ?? ""];
  return (
    <button
      {...native}
      type="button"
      className={classes.filter(Boolean).join(" ")}
      aria-label={label}
      aria-pressed={pressed}
      title={native.title ?? label}
    >
      <Icon of={icon} size={iconSize} />
    </button>
  );
}
