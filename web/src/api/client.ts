/** The one place that talks to the server. The session is an HttpOnly cookie: no token ever reaches scripts. */
import { problemOf, ProblemError, unreachable } from "./problem";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Query;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; `headers` then names its type. */
  body?: Blob | string;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Call `listener` whenever the server says that nobody is signed in. Returns how to stop that. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${path}?${search}` : path;
}

/** Ask the server; anything but a success is thrown as a {@link ProblemError}. */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...ask.headers };
  if (ask.json !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(address(path, ask.query), {
      method: ask.method ?? "GET",
      headers,
      body: ask.json !== undefined ? JSON.stringify(ask.json) : (ask.body ?? null),
      credentials: "same-origin",
      signal: ask.signal ?? null,
    });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw unreachable();
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && problem.slug === "unauthenticated") signedOut.forEach((listener) => listener());
  throw problem;
}

/** Ask for JSON. `T` is what the contract promises for this address. */
export async function request<T>(path: string, ask: Ask = {}): Promise<T> {
  const response = await send(path, ask);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export { ProblemError };
