/** Which features are on for whoever is signed in. */
import { answered, api } from "./client";

export const flags = async (signal?: AbortSignal) => (await answered(api.GET("/api/flags", { signal: signal ?? null }))).flags;
