/** How saving stands, in a few true words. */
import { Check, CloudOff, GitFork, TriangleAlert } from "lucide-react";
import type { ReactElement } from "react";
import { exactly, Icon } from "../../ui";
import { shown, type SaveState, type Shown } from "../save/machine";

interface SaveLineProps {
  state: SaveState;
  onRetry: () => void;
  onConflict: () => void;
}

export function SaveLine({ state, onRetry, onConflict }: SaveLineProps): ReactElement {
  const now = shown(state);
  return (
    <span className="saved" data-state={now.kind}>
      <span className="saved-words" role="status" title={now.kind === "saved" ? `Version ${state.version}, ${exactly(now.at)}` : wordsOf(now)}>
        <Mark shown={now} />
        <span className="trunc">{wordsOf(now)}</span>
      </span>
      {(now.kind === "failed" || now.kind === "offline") && (
        <button type="button" className="btn xs" onClick={onRetry}>
          {now.kind === "failed" ? "Retry" : "Try now"}
        </button>
      )}
      {now.kind === "conflict" && (
        <button type="button" className="btn xs" onClick={onConflict}>
          Compare both
        </button>
      )}
    </span>
  );
}

function Mark({ shown: now }: { shown: Shown }): ReactElement {
  switch (now.kind) {
    case "saved":
      return <Icon of={Check} size={14} />;
    case "saving":
      return <span className="spin" aria-hidden="true" />;
    case "unsaved":
      return <span className="dot warn" aria-hidden="true" />;
    case "offline":
      return <Icon of={CloudOff} size={14} />;
    case "conflict":
      return <Icon of={GitFork} size={14} />;
    case "failed":
      return <Icon of={TriangleAlert} size={14} />;
  }
}

export function wordsOf(now: Shown): string {
  switch (now.kind) {
    case "saved":
      return `Saved ${clock(now.at)}`;
    case "saving":
      return "Saving…";
    case "unsaved":
      return "Unsaved changes";
    case "offline":
      return now.kept ? "Offline: kept here, will be saved" : "Offline: not kept yet, stay on this page";
    case "conflict":
      return "Conflict: saved elsewhere too";
    case "failed":
      return `Could not save: ${now.reason}${now.kept ? " Kept here." : ""}`;
  }
}

/** "14:32" today, "20 Nov 14:32" on other days. */
export function clock(iso: string): string {
  const then = new Date(iso);
  const time = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === new Date().toDateString()) return time;
  return `${then.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}
