/** How the server is: answered by the gateway itself, for every kind of client. */
import { send } from "./client";

export interface Health {
  status: string;
  service: string;
  timestamp: string;
  version: string;
}

export const health = async (signal?: AbortSignal): Promise<Health> => (await send(new Request(new URL("/health", location.origin), { signal: signal ?? null }))).json() as Promise<Health>;
