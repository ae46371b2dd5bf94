/** How the server is. */
import { request } from "./client";

export interface Health {
  status: string;
  service: string;
  timestamp: string;
  version: string;
}

export const health = (signal?: AbortSignal) => request<Health>("/health", { signal });
