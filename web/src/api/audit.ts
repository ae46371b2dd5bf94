/** The audit log, for those who may read it. */
import { address, answered, api, given } from "./client";
import type { AuditAsk } from "./types";

export const audit = {
  list: (ask: AuditAsk, before: number | undefined, signal?: AbortSignal) =>
    answered(api.GET("/api/auth/admin/audit-logs", { params: { query: given({ ...ask, ...(before && { before }) }) }, signal: signal ?? null })),
  verify: () => answered(api.GET("/api/auth/admin/audit-logs/verify")),
  fileAddress: (ask: AuditAsk, format: "csv" | "json") => address("/api/auth/admin/audit-logs/export", { ...ask, format }),
};
