/** How the server is: answered by the gateway itself, for every kind of client. */
import { answered, api } from "./client";

export const health = (signal?: AbortSignal) => answered(api.GET("/health", { signal: signal ?? null }));
