/** Pictures that the server draws: one drawing everywhere. */
import { address, request } from "./client";
import type { DrawingTheme, Model, Rendered } from "./types";

export type ExportFormat = "svg" | "json" | "mermaid" | "excalidraw";

export interface RenderAsk {
  model?: Model;
  code?: string;
  format?: ExportFormat;
  theme?: DrawingTheme;
  core?: boolean;
}

const of = (id: string) => `/api/export/${encodeURIComponent(id)}`;

export const drawing = {
  render: (ask: RenderAsk, signal?: AbortSignal) =>
    request<Rendered>("/api/export/render", { method: "POST", json: ask, signal }),
  /** Where an `<img>` finds a document's small picture; `version` keeps caches honest. */
  thumbnail: (id: string, theme: DrawingTheme, version: number) =>
    address(`${of(id)}/thumbnail`, { theme, v: version }),
  /** Where a download of a document in one format starts. */
  download: (id: string, format: ExportFormat, theme: DrawingTheme = "light", core = false) =>
    address(of(id), { format, theme, core: core || undefined }),
};
