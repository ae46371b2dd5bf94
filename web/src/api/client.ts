/** The one place that talks to the server. The session is an HttpOnly cookie: no token ever reaches scripts. */
import createClient from "openapi-fetch";
import { problemOf, ProblemError, unreachable } from "./problem";
import type { paths } from "./schema";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

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
export async function send(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw unreachable();
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && problem.slug === "unauthenticated") signedOut.forEach((listener) => listener());
  throw problem;
}

/** Every call of the server's description, by method and path, with its own types. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  fetch: send,
});

/** What a call has answered. Refusals were thrown before; no content is undefined. */
export async function answered<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** Only what has a value goes into a query. */
export function given<T extends object>(query: T): T {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== "")) as T;
}

export { ProblemError };
