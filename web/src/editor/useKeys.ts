/** The editor's keys. They work while typing too, since each has Alt, Ctrl or is a function key. */
import { useEffect, useRef } from "react";
import { isTyping } from "../ui";

export interface EditorKeys {
  drawing: () => void;
  canvas: () => void;
  code: () => void;
  note: () => void;
  inspector: () => void;
  unresolved: () => void;
  save: () => void;
  showAll: () => void;
  problem: (step: 1 | -1) => void;
}

const WITH_ALT: Readonly<Record<string, Exclude<keyof EditorKeys, "problem">>> = {
  Digit0: "drawing",
  Digit1: "canvas",
  Digit2: "code",
  Digit3: "note",
  KeyI: "inspector",
  KeyU: "unresolved",
};

export function useKeys(keys: EditorKeys): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const saves = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyS";
      // The browser's own "save this page" must not open, whatever is in front.
      if (saves) event.preventDefault();
      if (document.querySelector("dialog[open], [role=menu]")) return;
      const named = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey ? WITH_ALT[event.code] : undefined;
      const run = current.current;
      if (saves) run.save();
      else if (named) run[named]();
      else if (event.key === "F8" && !event.defaultPrevented) run.problem(event.shiftKey ? -1 : 1);
      else if (event.shiftKey && event.code === "Digit1" && !isTyping(event.target) && !event.ctrlKey && !event.altKey) run.showAll();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
