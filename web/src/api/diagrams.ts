/** The library: documents, their versions, the trash. */
import { request, send } from "./client";
import type { Canvas, Document, DocumentHead, FileType, Model, Page, Version } from "./types";

export type SortBy = "updated_at" | "created_at" | "title";
export type SortOrder = "asc" | "desc";

export interface ListAsk {
  page: number;
  page_size: number;
  q?: string;
  file_type?: FileType;
  sort_by?: SortBy;
  sort_order?: SortOrder;
}

/** What a document holds; a part that is left out stays as it is. */
export interface Contents {
  title?: string;
  canvas?: Canvas | null;
  code?: string;
  note?: string;
  model?: Model | null;
}

const at = (id: string, rest = "") => `/api/diagrams/${encodeURIComponent(id)}${rest}`;

export const diagrams = {
  list: (ask: ListAsk, signal?: AbortSignal) =>
    request<Page<DocumentHead>>("/api/diagrams", { query: { ...ask }, signal }),
  trash: (page: number, page_size: number, signal?: AbortSignal) =>
    request<Page<DocumentHead>>("/api/diagrams/trash", { query: { page, page_size }, signal }),
  create: (contents: Contents & { title: string; file_type?: FileType }) =>
    request<Document>("/api/diagrams", { method: "POST", json: contents }),
  get: (id: string, signal?: AbortSignal) => request<Document>(at(id), { signal }),
  save: (id: string, expected_version: number, contents: Contents, signal?: AbortSignal) =>
    request<DocumentHead>(at(id), { method: "PUT", json: { ...contents, expected_version }, signal }),
  remove: (id: string) => request<void>(at(id), { method: "DELETE" }),
  restore: (id: string) => request<DocumentHead>(at(id, "/restore"), { method: "POST" }),
  versions: (id: string, page: number, signal?: AbortSignal) =>
    request<Page<Version>>(at(id, "/versions"), { query: { page }, signal }),
  version: (id: string, number: number, signal?: AbortSignal) =>
    request<Document>(at(id, `/versions/${number}`), { signal }),
  restoreVersion: (id: string, number: number, expected_version: number) =>
    request<DocumentHead>(at(id, `/versions/${number}/restore`), { method: "POST", json: { expected_version } }),
  /** Hand in the page's own picture of a canvas, as SVG text of at most 4 MiB. */
  putPicture: async (id: string, version: number, svg: string): Promise<void> => {
    await send(at(id, "/picture"), {
      method: "PUT",
      query: { version },
      body: svg,
      headers: { "Content-Type": "image/svg+xml" },
    });
  },
};
