/** Reading a repository: a job on the server that ends in a model. */
import { request } from "./client";
import type { Document, Job, Model, Root } from "./types";

const job = (id: string, rest = "") => `/api/analysis/jobs/${encodeURIComponent(id)}${rest}`;

export type Source = { git_url: string; ref?: string } | { root: string; folder: string };

export const analysis = {
  roots: (signal?: AbortSignal) => request<{ roots: Root[] }>("/api/analysis/roots", { signal }),
  start: (source: Source) => request<Job>("/api/analysis/jobs", { method: "POST", json: source }),
  get: (id: string, signal?: AbortSignal) => request<Job>(job(id), { signal }),
  model: (id: string, signal?: AbortSignal) => request<Model>(job(id, "/model"), { signal }),
  createDocument: (id: string, title: string) =>
    request<Document>(job(id, "/document"), { method: "POST", json: { title } }),
  cancel: (id: string) => request<void>(job(id), { method: "DELETE" }),
  eventsAddress: (id: string) => job(id, "/events"),
  uploadAddress: (filename: string) => `/api/analysis/jobs/upload?filename=${encodeURIComponent(filename)}`,
};
