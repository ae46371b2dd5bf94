/** What every view of a document in the library shares: its words, its menu, its tick. */
import { Copy, Ellipsis, FolderOpen, Pencil, RotateCcw, Trash2 } from "lucide-react";
import type { ReactElement } from "react";
import type { DocumentHead } from "../api";
import { ago, exactly, IconButton, Menu, type MenuItem } from "../ui";
import type { Place } from "./usePages";

export interface EntryActions {
  place: Place;
  selected: ReadonlySet<string>;
  open: (document: DocumentHead) => void;
  rename: (document: DocumentHead) => void;
  duplicate: (document: DocumentHead) => void;
  trash: (document: DocumentHead) => void;
  restore: (document: DocumentHead) => void;
  select: (document: DocumentHead, on: boolean) => void;
}

/** What a document was made from, in two or three words. */
export function origin(document: DocumentHead): string {
  if (document.has_model) return "Drawn from code";
  if (document.has_canvas) return "Drawn by hand";
  if (document.has_code) return "Mermaid";
  return document.has_note ? "Note" : "Empty";
}

export function Edited({ document, short }: { document: DocumentHead; short?: boolean }): ReactElement {
  return (
    <time className="trunc" dateTime={document.updated_at} title={exactly(document.updated_at)}>
      {short ? ago(document.updated_at) : `Edited ${ago(document.updated_at)}`}
    </time>
  );
}

function itemsOf(document: DocumentHead, actions: EntryActions): MenuItem[] {
  if (actions.place === "trash") return [{ label: "Restore", icon: RotateCcw, onPick: () => actions.restore(document) }];
  return [
    { label: "Open", icon: FolderOpen, keys: "Enter", onPick: () => actions.open(document) },
    { label: "Rename", icon: Pencil, keys: "F2", onPick: () => actions.rename(document) },
    { label: "Duplicate", icon: Copy, onPick: () => actions.duplicate(document) },
    { label: "Move to trash", icon: Trash2, keys: "Del", danger: true, onPick: () => actions.trash(document) },
  ];
}

interface EntryProps {
  document: DocumentHead;
  actions: EntryActions;
}

export function EntryMenu({ document, actions, touch }: EntryProps & { touch?: boolean }): ReactElement {
  return (
    <Menu label={`What to do with ${document.title}`} align="end" items={itemsOf(document, actions)}>
      {(trigger) => <IconButton {...trigger} className="more" icon={Ellipsis} size={touch ? "t" : "s"} label={`More for ${document.title}`} title="More" />}
    </Menu>
  );
}

export function Tick({ document, actions }: EntryProps): ReactElement {
  return (
    <input
      type="checkbox"
      className="chk"
      aria-label={`Select ${document.title}`}
      checked={actions.selected.has(document.id)}
      onChange={(event) => actions.select(document, event.target.checked)}
    />
  );
}
