/** What is saved and what is not, as a pure state machine. Times are milliseconds, given by whoever drives it. */

export const PARTS = ["title", "canvas", "code", "note"] as const;
export type Part = (typeof PARTS)[number];

/** A save waits until nothing changed for this long... */
export const QUIET_MS = 800;
/** ...but never longer than this after the first unsaved change. */
export const LONGEST_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

export interface Trouble {
  /** "unreachable": no answer came; "server": it failed and is asked again; "refused": asking again as it is helps nothing. */
  kind: "unreachable" | "server" | "refused";
  reason: string;
}

export interface SaveState {
  /** The server's version that this page builds on. */
  readonly version: number;
  /** When that version was written, ISO 8601. */
  readonly savedAt: string;
  /** Counts changes made here; each part remembers the edition of its last change. */
  readonly edition: number;
  readonly editions: Readonly<Record<Part, number>>;
  /** Everything up to this edition is on the server. */
  readonly savedEdition: number;
  /** Everything up to this edition is at least kept in this browser. */
  readonly keptEdition: number;
  readonly firstChangeAt: number | null;
  readonly lastChangeAt: number | null;
  /** Somebody asked for a save now. */
  readonly urgent: boolean;
  /** The one request that is under way: what it carries and when it left. */
  readonly flight: { readonly edition: number; readonly at: number } | null;
  readonly attempts: number;
  readonly retryAt: number | null;
  readonly trouble: Trouble | null;
  readonly conflict: boolean;
}

export type SaveEvent =
  | { type: "changed"; part: Part; at: number }
  | { type: "urged" }
  | { type: "sent"; at: number }
  | { type: "saved"; version: number; savedAt: string }
  /** `spread` from 0 to 1 keeps many pages from asking at the same moment. */
  | { type: "failed"; trouble: Trouble; at: number; spread: number }
  | { type: "conflicted" }
  | { type: "kept"; edition: number }
  /** Mine is to be saved over this version of theirs, whole. */
  | { type: "overruled"; version: number }
  /** What is shown here is now exactly what the server has. */
  | { type: "replaced"; version: number; savedAt: string };

export function opened(version: number, savedAt: string): SaveState {
  return {
    version,
    savedAt,
    edition: 0,
    editions: { title: 0, canvas: 0, code: 0, note: 0 },
    savedEdition: 0,
    keptEdition: 0,
    firstChangeAt: null,
    lastChangeAt: null,
    urgent: false,
    flight: null,
    attempts: 0,
    retryAt: null,
    trouble: null,
    conflict: false,
  };
}

export function reduce(state: SaveState, event: SaveEvent): SaveState {
  switch (event.type) {
    case "changed":
      return changed(state, event.part, event.at);
    case "urged":
      return isUnsaved(state) ? { ...state, urgent: true } : state;
    case "sent":
      return { ...state, urgent: false, flight: { edition: state.edition, at: event.at } };
    case "saved":
      return saved(state, event.version, event.savedAt);
    case "failed":
      return failed(state, event.trouble, event.at, event.spread);
    case "conflicted":
      return { ...state, flight: null, urgent: false, trouble: null, retryAt: null, conflict: true };
    case "kept":
      return { ...state, keptEdition: Math.max(state.keptEdition, event.edition) };
    case "overruled":
      return overruled(state, event.version);
    case "replaced":
      return {
        ...opened(event.version, event.savedAt),
        edition: state.edition,
        editions: state.editions,
        savedEdition: state.edition,
        keptEdition: state.edition,
      };
  }
}

function changed(state: SaveState, part: Part, at: number): SaveState {
  const edition = state.edition + 1;
  const refused = state.trouble?.kind === "refused";
  return {
    ...state,
    edition,
    editions: { ...state.editions, [part]: edition },
    firstChangeAt: state.firstChangeAt ?? at,
    lastChangeAt: at,
    trouble: refused ? null : state.trouble,
  };
}

function saved(state: SaveState, version: number, savedAt: string): SaveState {
  const savedEdition = state.flight?.edition ?? state.savedEdition;
  const more = state.edition > savedEdition;
  return {
    ...state,
    version,
    savedAt,
    savedEdition,
    keptEdition: Math.max(state.keptEdition, savedEdition),
    firstChangeAt: more ? (state.flight?.at ?? state.firstChangeAt) : null,
    lastChangeAt: more ? state.lastChangeAt : null,
    urgent: state.urgent && more,
    flight: null,
    attempts: 0,
    retryAt: null,
    trouble: null,
    conflict: false,
  };
}

function failed(state: SaveState, trouble: Trouble, at: number, spread: number): SaveState {
  const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** state.attempts) * (1 + spread / 4);
  const changedMeanwhile = state.flight !== null && state.edition > state.flight.edition;
  const final = trouble.kind === "refused";
  return {
    ...state,
    flight: null,
    urgent: false,
    attempts: final ? 0 : Math.min(state.attempts + 1, 10),
    retryAt: final ? null : at + wait,
    // What was refused is no longer what is here: the newer contents get their own chance.
    trouble: final && changedMeanwhile ? null : trouble,
  };
}

function overruled(state: SaveState, version: number): SaveState {
  const edition = state.edition + 1;
  return {
    ...state,
    version,
    edition,
    editions: { title: edition, canvas: edition, code: edition, note: edition },
    urgent: true,
    attempts: 0,
    retryAt: null,
    trouble: null,
    conflict: false,
  };
}

export function isUnsaved(state: SaveState): boolean {
  return state.edition > state.savedEdition;
}

/** Whether closing the page now would lose something. */
export function wouldLose(state: SaveState): boolean {
  return isUnsaved(state) && state.keptEdition < state.edition;
}

/** The parts that the next save has to carry. */
export function unsavedParts(state: SaveState): Part[] {
  return PARTS.filter((part) => state.editions[part] > state.savedEdition);
}

/** When the next save has to leave; null when there is nothing to send or nothing may be sent. */
export function dueAt(state: SaveState): number | null {
  if (!isUnsaved(state) || state.flight !== null || state.conflict) return null;
  if (state.urgent) return 0;
  if (state.trouble?.kind === "refused") return null;
  if (state.retryAt !== null) return state.retryAt;
  const quiet = (state.lastChangeAt ?? 0) + QUIET_MS;
  const longest = (state.firstChangeAt ?? 0) + LONGEST_MS;
  return Math.min(quiet, longest);
}

export type Shown =
  | { kind: "saved"; at: string }
  | { kind: "saving" }
  | { kind: "unsaved" }
  | { kind: "offline"; kept: boolean }
  | { kind: "failed"; reason: string; retrying: boolean; kept: boolean }
  | { kind: "conflict" };

/** What may truthfully be said about the document right now. */
export function shown(state: SaveState): Shown {
  const kept = state.keptEdition >= state.edition;
  if (state.conflict) return { kind: "conflict" };
  if (state.trouble?.kind === "unreachable") return { kind: "offline", kept };
  if (state.trouble) {
    return { kind: "failed", reason: state.trouble.reason, retrying: state.trouble.kind === "server", kept };
  }
  if (state.flight) return { kind: "saving" };
  return isUnsaved(state) ? { kind: "unsaved" } : { kind: "saved", at: state.savedAt };
}
