/** Buttons: a verb and a noun, at most one of them primary in a view. */
import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, ReactElement, ReactNode } from "react";
import { Icon } from "./Icon";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type">;

interface ButtonProps extends Native {
  kind?: "primary" | "default" | "ghost" | "danger";
  size?: "xs" | "s" | "m" | "l";
  icon?: LucideIcon;
  /** Something is under way: a spinner shows, presses do nothing, the width stays. */
  busy?: boolean;
  submit?: boolean;
  /** Why it cannot be pressed now; disables the button and shows as its tooltip. */
  offBecause?: string | false | undefined;
  children: ReactNode;
}

export function Button({ kind = "default", size = "m", icon, busy, submit, offBecause, ...rest }: ButtonProps): ReactElement {
  const { className, children, onClick, title, ...native } = rest;
  const off = Boolean(offBecause);
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
        if (off || busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className="spin" aria-hidden="true" /> : icon && <Icon of={icon} />}
      {children}
    </button>
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
