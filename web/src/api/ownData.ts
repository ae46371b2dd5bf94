/** One's own data: taken along, or erased with the account. */
import { address, answered, api } from "./client";
import type { OwnDeparture } from "./types";

export const ownData = {
  exportAddress: address("/api/auth/gdpr/export"),
  prospect: (signal?: AbortSignal) => answered(api.GET("/api/auth/gdpr/erasure", { signal: signal ?? null })),
  erase: (body: OwnDeparture) => answered(api.POST("/api/auth/gdpr/erase", { body })),
};
