/** All keys of the page, shown by "?". */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import type { Me } from "../api";
import { Dialog, useShortcuts } from "../ui";
import { ME } from "./queries";

interface KeyLine {
  keys: readonly string[];
  does: string;
}

const LIBRARY: readonly KeyLine[] = [
  { keys: ["N"], does: "New document" },
  { keys: ["/"], does: "Search by title" },
  { keys: ["Enter"], does: "Open the document in focus" },
  { keys: ["F2"], does: "Rename the document in focus" },
  { keys: ["Del"], does: "Move the document in focus to the trash" },
  { keys: ["Space"], does: "Select the document in focus" },
  { keys: ["←", "→", "↑", "↓"], does: "Walk the documents" },
];

const EVERYWHERE: readonly KeyLine[] = [
  { keys: ["G", "L"], does: "Go to the library" },
  { keys: ["G", "S"], does: "Go to the settings" },
  { keys: ["G", "O"], does: "Go to operations, for those who may" },
  { keys: ["Esc"], does: "Close, or clear the selection" },
  { keys: ["?"], does: "All keys" },
];

const EDITOR: readonly KeyLine[] = [
  { keys: ["Alt", "1"], does: "Canvas" },
  { keys: ["Alt", "2"], does: "Code" },
  { keys: ["Alt", "3"], does: "Note" },
  { keys: ["Alt", "I"], does: "Inspector" },
  { keys: ["Alt", "U"], does: "Unresolved" },
  { keys: ["Shift", "1"], does: "Show everything" },
];

const OPEN_KEYS = "autograph:keys";

/** Show the sheet from a menu or a link. */
export function openKeySheet(): void {
  dispatchEvent(new CustomEvent(OPEN_KEYS));
}

export function KeySheet(): ReactElement | null {
  const [open, setOpen] = useState(false);
  const [, go] = useLocation();
  const client = useQueryClient();
  const toOperations = () => {
    if (client.getQueryData<Me>(ME)?.user.permissions.includes("operations:read")) go("/operations");
  };
  useShortcuts({ "?": () => setOpen(true), "g l": () => go("/"), "g s": () => go("/settings/profile"), "g o": toOperations });
  useOpenEvent(() => setOpen(true));
  if (!open) return null;
  return (
    <Dialog title="Keys" onClose={() => setOpen(false)}>
      <div className="dlg-b key-sheet">
        <Keys title="Library" lines={LIBRARY} />
        <Keys title="Editor" lines={EDITOR} />
        <Keys title="Everywhere" lines={EVERYWHERE} />
      </div>
    </Dialog>
  );
}

function Keys({ title, lines }: { title: string; lines: readonly KeyLine[] }): ReactElement {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {lines.map(({ keys, does }) => (
          <div className="row" key={does}>
            <dt className="grow">{does}</dt>
            <dd className="row">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function useOpenEvent(open: () => void): void {
  useEffect(() => {
    addEventListener(OPEN_KEYS, open);
    return () => removeEventListener(OPEN_KEYS, open);
  });
}
