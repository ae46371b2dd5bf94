/** A menu that opens from a button: arrows walk it, Esc closes it, focus returns to the button. */
import type { LucideIcon } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Icon } from "./Icon";

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  keys?: string;
  /** Ticked in a choice of several. */
  chosen?: boolean;
  /** Destructive: last, red, after a line. */
  danger?: boolean;
  /** A line stands before it. */
  apart?: boolean;
  onPick: () => void;
}

interface Trigger {
  ref: (element: HTMLButtonElement | null) => void;
  onClick: () => void;
  "aria-haspopup": "menu";
  "aria-expanded": boolean;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** Which edge of the button the menu keeps to. */
  align?: "start" | "end";
  /** Stands above the items: who is signed in, for example. */
  head?: ReactNode;
  children: (trigger: Trigger) => ReactElement;
}

const GAP = 4;
const EDGE = 8;

export function Menu({ label, items, align = "start", head, children }: MenuProps): ReactElement {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement | null>(null);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      {children({
        ref: (element) => {
          button.current = element;
        },
        onClick: () => setOpen(!open),
        "aria-haspopup": "menu",
        "aria-expanded": open,
      })}
      {open && (
        <MenuList label={label} items={items} align={align} head={head} anchor={button.current} onClose={close} onLeave={() => setOpen(false)} />
      )}
    </>
  );
}

interface MenuListProps extends Omit<MenuProps, "children"> {
  anchor: HTMLElement | null;
  onClose: () => void;
  onLeave: () => void;
}

function MenuList({ label, items, align, head, anchor, onClose, onLeave }: MenuListProps): ReactElement {
  const list = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const menu = list.current;
    if (!menu || !anchor) return;
    const at = anchor.getBoundingClientRect();
    const size = menu.getBoundingClientRect();
    const below = at.bottom + GAP + size.height <= innerHeight - EDGE;
    const left = align === "end" ? at.right - size.width : at.left;
    menu.style.top = `${Math.max(EDGE, below ? at.bottom + GAP : at.top - GAP - size.height)}px`;
    menu.style.left = `${Math.min(Math.max(EDGE, left), innerWidth - EDGE - size.width)}px`;
    (menu.querySelector<HTMLElement>("[aria-checked=true]") ?? menu.querySelector<HTMLElement>("[role^=menuitem]"))?.focus();
  }, [anchor, align]);

  useEffect(() => {
    const away = (event: Event) => {
      const target = event.target as Node;
      if (!list.current?.contains(target) && !anchor?.contains(target)) onLeave();
    };
    addEventListener("pointerdown", away, true);
    addEventListener("resize", onLeave);
    return () => {
      removeEventListener("pointerdown", away, true);
      removeEventListener("resize", onLeave);
    };
  }, [anchor, onLeave]);

  const onKey = (event: KeyboardEvent) => {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const here = entries.indexOf(document.activeElement as HTMLElement);
    const step: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: entries.length - 1 };
    const next = step[event.key];
    if (next !== undefined) entries.at(next % entries.length)?.focus();
    else if (event.key === "Escape") onClose();
    else if (event.key === "Tab") onLeave();
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };

  const several = items.some((item) => item.chosen !== undefined);
  // Inside a modal dialog only the dialog's own children can be reached.
  const host = anchor?.closest("dialog") ?? document.body;
  return createPortal(
    <div className="menu" ref={list} role="menu" aria-label={label} onKeyDown={onKey}>
      {head && <div className="about">{head}</div>}
      {head && <div className="divide" />}
      {items.map((item) => (
        <div key={item.label} role="none">
          {(item.danger || item.apart) && <div className="divide" role="separator" />}
          <button
            type="button"
            className={item.danger ? "mi bad" : "mi"}
            role={several && item.chosen !== undefined ? "menuitemradio" : "menuitem"}
            aria-checked={item.chosen}
            tabIndex={-1}
            onClick={() => {
              onClose();
              item.onPick();
            }}
          >
            {item.icon && <Icon of={item.icon} />}
            <span className="grow">{item.label}</span>
            {item.chosen && <span aria-hidden="true">✓</span>}
            {item.keys && <kbd>{item.keys}</kbd>}
          </button>
        </div>
      ))}
    </div>,
    host,
  );
}
