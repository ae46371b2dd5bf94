/** What is not yet on the server, kept in this browser (IndexedDB) so that a crash or a reload loses nothing. */
import type { Canvas } from "../../api";

export interface Contents {
  title: string;
  canvas: Canvas | null;
  code: string;
  note: string;
}

/** The unsaved parts of one document, as one open page had them. */
export interface Kept {
  /** `<document>@<version>@<page>`. */
  key: string;
  document: string;
  /** The server's version that these parts build on. */
  version: number;
  /** The open page that wrote this. */
  page: string;
  /** When, ISO 8601. */
  at: string;
  parts: Partial<Contents>;
}

const STORE = "kept";

/** A name nobody else has; also where the browser offers no `randomUUID` (plain http on a network). */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function keyOf(document: string, version: number, page: string): string {
  return `${document}@${version}@${page}`;
}

/** Keep `kept`, and drop what the same page kept for an older version of the document. */
export async function keep(kept: Kept): Promise<void> {
  const others = (await all(kept.document)).filter((one) => one.page === kept.page && one.key !== kept.key);
  await change((store) => {
    store.put(kept);
    others.forEach((one) => store.delete(one.key));
  });
}

/** Drop everything that one page kept of a document. */
export async function forget(document: string, page: string): Promise<void> {
  const mine = (await all(document)).filter((one) => one.page === page);
  if (mine.length > 0) await change((store) => mine.forEach((one) => store.delete(one.key)));
}

/** What pages that are no longer open left behind, the newest first. */
export async function leftBehind(document: string): Promise<Kept[]> {
  const open = await openPages();
  const left = (await all(document)).filter((one) => !open.has(one.page));
  return left.sort((a, b) => b.at.localeCompare(a.at));
}

/** Say that this page is open, until the returned function is called. */
export function announce(page: string): () => void {
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  void navigator.locks?.request(lockOf(page), () => closed);
  return close;
}

async function openPages(): Promise<Set<string>> {
  const held = (await navigator.locks?.query())?.held ?? [];
  return new Set(held.map((lock) => (lock.name ?? "").replace(lockOf(""), "")));
}

const lockOf = (page: string): string => `autograph.editor.${page}`;

async function all(document: string): Promise<Kept[]> {
  const database = await open();
  const range = IDBKeyRange.bound(`${document}@`, `${document}@\uffff`);
  return answer(database.transaction(STORE).objectStore(STORE).getAll(range) as IDBRequest<Kept[]>);
}

async function change(work: (store: IDBObjectStore) => void): Promise<void> {
  const transaction = (await open()).transaction(STORE, "readwrite", { durability: "strict" });
  work(transaction.objectStore(STORE));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("Storage refused the change."));
  });
}

let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("autograph", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("Storage cannot be opened."));
  });
  opening.catch(() => (opening = null));
  return opening;
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("Storage did not answer."));
  });
}
