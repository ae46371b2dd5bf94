/** One document being edited: holds its contents, saves them in time, and says truthfully how that stands. */
import type { Document, DocumentHead, Model } from "../../api";
import type { Contents, Kept } from "./kept";
import { keyOf } from "./kept";
import { dueAt, isUnsaved, opened, PARTS, reduce, type Part, type SaveEvent, type SaveState, type Trouble, unsavedParts } from "./machine";

/** How long typing may go on before it is written to the browser's storage. */
const KEEP_MS = 120;

/** What a failed request means for saving. */
export type Verdict = { conflict: true } | { conflict: false; trouble: Trouble };

/** Everything the session needs from outside; tests give their own. */
export interface Ports {
  save(id: string, version: number, parts: Partial<Contents>): Promise<DocumentHead>;
  get(id: string): Promise<Document>;
  create(contents: Contents & { model: Model | null }): Promise<Document>;
  judge(failure: unknown): Verdict;
  keep(kept: Kept): Promise<void>;
  forget(document: string, page: string): Promise<void>;
  now(): number;
  /** From 0 to 1. */
  random(): number;
}

export interface Snapshot {
  readonly contents: Contents;
  readonly state: SaveState;
  /** The other side of a conflict. */
  readonly theirs: Document | null;
  readonly model: Model | null;
  /** Grow whenever a part was replaced from outside an editor's own typing. */
  readonly epochs: Readonly<Record<Part, number>>;
}

export class Session {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private keeping: Promise<void> = Promise.resolve();
  private sending: Promise<void> = Promise.resolve();
  private closed = false;
  onSaved: ((version: number) => void) | null = null;

  constructor(
    readonly id: string,
    document: Document,
    private readonly page: string,
    private readonly ports: Ports,
  ) {
    this.snapshot = {
      contents: contentsOf(document),
      state: opened(document.version, document.updated_at),
      theirs: null,
      model: document.model,
      epochs: { title: 0, canvas: 0, code: 0, note: 0 },
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => this.snapshot;

  /** Take a change made on this page. */
  change<P extends Part>(part: P, value: Contents[P]): void {
    if (Object.is(this.snapshot.contents[part], value)) return;
    this.set({ contents: { ...this.snapshot.contents, [part]: value } });
    this.dispatch({ type: "changed", part, at: this.ports.now() });
    this.keepTimer ??= setTimeout(() => void this.keepNow(), KEEP_MS);
  }

  /** Take several parts at once from outside the editors (a kept copy, the server's shapes). */
  adopt(parts: Partial<Contents>): void {
    for (const part of PARTS) {
      const value = parts[part];
      if (value !== undefined) this.change(part, value);
    }
    this.renew(PARTS.filter((part) => parts[part] !== undefined));
  }

  /** What was kept builds on an older version than the server's: both sides are shown. */
  disagree(parts: Partial<Contents>, theirs: Document): void {
    this.adopt(parts);
    this.set({ theirs });
    this.dispatch({ type: "conflicted" });
  }

  /** Save now, whatever the timers say; resolves when nothing is under way any more. */
  async saveNow(): Promise<boolean> {
    this.dispatch({ type: "urged" });
    await this.sending;
    if (dueAt(this.snapshot.state) === 0) this.send();
    await this.sending;
    return !isUnsaved(this.snapshot.state);
  }

  /** Put the unsaved parts into the browser's storage now. */
  keepNow(): Promise<void> {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    const { state, contents } = this.snapshot;
    if (!isUnsaved(state)) return this.keeping;
    const kept: Kept = {
      key: keyOf(this.id, state.version, this.page),
      document: this.id,
      version: state.version,
      page: this.page,
      at: new Date(this.ports.now()).toISOString(),
      parts: pick(contents, unsavedParts(state)),
    };
    this.keeping = this.keeping
      .then(() => this.ports.keep(kept))
      .then(() => this.dispatch({ type: "kept", edition: state.edition }))
      .catch(() => undefined); // Not kept: the state goes on saying so, and leaving the page warns.
    return this.keeping;
  }

  /** End a conflict by saving mine over theirs. Theirs stays among the versions. */
  keepMine(): void {
    const theirs = this.snapshot.theirs;
    if (!theirs) return;
    this.set({ theirs: null, model: theirs.model });
    this.dispatch({ type: "overruled", version: theirs.version });
    void this.keepNow();
  }

  /** Put mine into a new document and show theirs here. Returns the new document. */
  async keepTheirs(): Promise<Document> {
    const theirs = this.snapshot.theirs ?? (await this.ports.get(this.id));
    const copy = await this.copy();
    this.replace(theirs);
    return copy;
  }

  /** Make a new document of what is here. */
  copy(): Promise<Document> {
    const { contents, model } = this.snapshot;
    return this.ports.create({ ...contents, title: copyTitle(contents.title), model });
  }

  /** Show what the server has; anything unsaved here is dropped, so ask first. */
  replace(document: Document): void {
    this.set({
      contents: contentsOf(document),
      model: document.model,
      theirs: null,
    });
    this.renew(PARTS);
    this.dispatch({ type: "replaced", version: document.version, savedAt: document.updated_at });
    this.forget();
  }

  close(): void {
    void this.keepNow();
    clearTimeout(this.saveTimer);
    if (isUnsaved(this.snapshot.state) && !this.snapshot.state.conflict) void this.saveNow();
    this.closed = true;
  }

  private dispatch(event: SaveEvent): void {
    this.set({ state: reduce(this.snapshot.state, event) });
    this.arm();
  }

  private set(part: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    this.listeners.forEach((listener) => listener());
  }

  private arm(): void {
    clearTimeout(this.saveTimer);
    const due = dueAt(this.snapshot.state);
    if (due === null || this.closed) return;
    this.saveTimer = setTimeout(() => this.send(), Math.max(0, due - this.ports.now()));
  }

  private send(): void {
    clearTimeout(this.saveTimer);
    const { state, contents } = this.snapshot;
    if (dueAt(state) === null) return;
    const parts = pick(contents, unsavedParts(state));
    this.dispatch({ type: "sent", at: this.ports.now() });
    this.sending = this.deliver(state.version, parts);
  }

  private async deliver(version: number, parts: Partial<Contents>): Promise<void> {
    try {
      this.acknowledge(await this.ports.save(this.id, version, parts));
    } catch (failure) {
      const verdict = this.ports.judge(failure);
      if (verdict.conflict) await this.compare(parts);
      else this.fail(verdict.trouble);
    }
  }

  /** The server has another version. If it is what was sent (its answer got lost), all is well. */
  private async compare(sent: Partial<Contents>): Promise<void> {
    try {
      const theirs = await this.ports.get(this.id);
      if (holds(theirs, sent)) return this.acknowledge(theirs);
      this.set({ theirs });
      this.dispatch({ type: "conflicted" });
    } catch (failure) {
      const verdict = this.ports.judge(failure);
      this.fail(verdict.conflict ? { kind: "server", reason: "The server contradicts itself." } : verdict.trouble);
    }
  }

  private acknowledge(head: DocumentHead): void {
    this.dispatch({ type: "saved", version: head.version, savedAt: head.updated_at });
    if (isUnsaved(this.snapshot.state)) void this.keepNow();
    else this.forget();
    this.onSaved?.(head.version);
  }

  private fail(trouble: Trouble): void {
    void this.keepNow();
    this.dispatch({ type: "failed", trouble, at: this.ports.now(), spread: this.ports.random() });
  }

  private renew(parts: readonly Part[]): void {
    const epochs = { ...this.snapshot.epochs };
    for (const part of parts) epochs[part] += 1;
    this.set({ epochs });
  }

  private forget(): void {
    this.keeping = this.keeping.then(() => this.ports.forget(this.id, this.page)).catch(() => undefined);
  }
}

export function contentsOf(document: Document): Contents {
  return { title: document.title, canvas: document.canvas, code: document.code, note: document.note };
}

export function copyTitle(title: string): string {
  const ending = " (my copy)";
  return title.slice(0, 200 - ending.length) + ending;
}

/** Whether a document already has exactly these parts. */
export function holds(document: Document, parts: Partial<Contents>): boolean {
  const theirs = contentsOf(document);
  return PARTS.every((part) => parts[part] === undefined || canonical(parts[part]) === canonical(theirs[part]));
}

function pick(contents: Contents, parts: readonly Part[]): Partial<Contents> {
  return Object.fromEntries(parts.map((part) => [part, contents[part]])) as Partial<Contents>;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
