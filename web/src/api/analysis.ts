/** Reading a repository: a job on the server that ends in a model. */
import { address, answered, api } from "./client";
import type { Document, Model, Source } from "./types";

const at = (job_id: string) => ({ params: { path: { job_id } } });

export const analysis = {
  roots: (signal?: AbortSignal) => answered(api.GET("/api/analysis/roots", { signal: signal ?? null })),
  start: (source: Source) => answered(api.POST("/api/analysis/jobs", { body: source })),
  get: (id: string, signal?: AbortSignal) => answered(api.GET("/api/analysis/jobs/{job_id}", { ...at(id), signal: signal ?? null })),
  model: async (id: string, signal?: AbortSignal): Promise<Model> => (await answered(api.GET("/api/analysis/jobs/{job_id}/model", { ...at(id), signal: signal ?? null }))) as Model,
  createDocument: async (id: string, title: string): Promise<Document> => (await answered(api.POST("/api/analysis/jobs/{job_id}/document", { ...at(id), body: { title } }))) as Document,
  cancel: (id: string) => answered(api.DELETE("/api/analysis/jobs/{job_id}", at(id))),
  eventsAddress: (id: string) => `/api/analysis/jobs/${encodeURIComponent(id)}/events`,
  uploadAddress: (filename: string) => address("/api/analysis/jobs/upload", { filename }),
};
