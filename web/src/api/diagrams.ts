/** The library: documents, their versions, the trash. */
import { answered, api, given } from "./client";
import type { operations } from "./schema";
import type { Contents, Document, FileType } from "./types";

export type ListAsk = NonNullable<operations["list_documents"]["parameters"]["query"]>;
export type SortBy = NonNullable<ListAsk["sort_by"]>;
export type SortOrder = NonNullable<ListAsk["sort_order"]>;

const at = (document_id: string) => ({ path: { document_id } });

export const diagrams = {
  list: (ask: ListAsk, signal?: AbortSignal) => answered(api.GET("/api/diagrams", { params: { query: given(ask) }, signal: signal ?? null })),
  trash: (page: number, page_size: number, signal?: AbortSignal) => answered(api.GET("/api/diagrams/trash", { params: { query: { page, page_size } }, signal: signal ?? null })),
  create: async (contents: Contents & { title: string; file_type?: FileType }): Promise<Document> =>
    (await answered(api.POST("/api/diagrams", { body: contents }))) as Document,
  get: async (id: string, signal?: AbortSignal): Promise<Document> => (await answered(api.GET("/api/diagrams/{document_id}", { params: at(id), signal: signal ?? null }))) as Document,
  save: (id: string, expected_version: number, contents: Contents, signal?: AbortSignal) =>
    answered(api.PUT("/api/diagrams/{document_id}", { params: at(id), body: { ...contents, expected_version }, signal: signal ?? null })),
  remove: (id: string) => answered(api.DELETE("/api/diagrams/{document_id}", { params: at(id) })),
  restore: (id: string) => answered(api.POST("/api/diagrams/{document_id}/restore", { params: at(id) })),
  versions: (id: string, page: number, signal?: AbortSignal) => answered(api.GET("/api/diagrams/{document_id}/versions", { params: { ...at(id), query: { page } }, signal: signal ?? null })),
  version: async (document_id: string, number: number, signal?: AbortSignal): Promise<Document> =>
    (await answered(api.GET("/api/diagrams/{document_id}/versions/{number}", { params: { path: { document_id, number } }, signal: signal ?? null }))) as Document,
  restoreVersion: (document_id: string, number: number, expected_version: number) =>
    answered(api.POST("/api/diagrams/{document_id}/versions/{number}/restore", { params: { path: { document_id, number } }, body: { expected_version } })),
  /** Hand in the page's own picture of a canvas, as SVG text of at most 4 MiB. */
  putPicture: (id: string, version: number, svg: string) =>
    answered(
      api.PUT("/api/diagrams/{document_id}/picture", {
        params: { ...at(id), query: { version } },
        body: svg,
        bodySerializer: (text: string) => text,
        headers: { "Content-Type": "image/svg+xml" },
      }),
    ),
};
