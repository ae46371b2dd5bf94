/** Pictures that the server draws: one drawing everywhere. */
import { address, answered, api } from "./client";
import { isRecord, type ProblemError } from "./problem";
import type { components } from "./schema";
import type { Diagnostic, DrawingTheme, Rendered } from "./types";

export type ExportFormat = "svg" | "json" | "mermaid" | "excalidraw";
export type RenderAsk = Omit<components["schemas"]["RenderRequest"], "format">;

const of = (id: string) => `/api/export/${encodeURIComponent(id)}`;

async function exported<T>(document_id: string, format: ExportFormat, theme: DrawingTheme, parseAs: "text" | "json", signal?: AbortSignal): Promise<T> {
  const params = { path: { document_id }, query: { format, theme, inline: true } };
  const headers = { Accept: "*/*" };
  return (await answered<unknown>(api.GET("/api/export/{document_id}", { params, headers, parseAs, signal: signal ?? null }))) as T;
}

export const drawing = {
  /** Draw a model or Mermaid code as SVG. */
  render: async (ask: RenderAsk, signal?: AbortSignal): Promise<Rendered> => {
    const { svg, diagnostics } = await answered(api.POST("/api/export/render", { body: { ...ask, format: "svg" }, signal: signal ?? null }));
    return { svg: svg ?? "", diagnostics: diagnosticsOf(diagnostics) };
  },
  /** A kept document as SVG text. */
  picture: (id: string, theme: DrawingTheme, signal?: AbortSignal) => exported<string>(id, "svg", theme, "text", signal),
  /** A kept document as a file of shapes for the canvas. */
  shapes: (id: string) => exported<unknown>(id, "excalidraw", "light", "json"),
  /** Where an `<img>` finds a document's small picture; `version` keeps caches honest. */
  thumbnail: (id: string, theme: DrawingTheme, version: number) => address(`${of(id)}/thumbnail`, { theme, v: version }),
  /** Where a download of a document in one format starts. */
  download: (id: string, format: ExportFormat, theme: DrawingTheme = "light", core = false) => address(of(id), { format, theme, core: core || undefined }),
};

/** What a refused drawing says of its code; nothing when the code is not at fault. */
export const mistakesIn = (problem: ProblemError): Diagnostic[] => diagnosticsOf(problem.members["diagnostics"]);

/** Some mistakes have no place: they are shown at the first line. */
function diagnosticsOf(value: unknown): Diagnostic[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => {
    const line = figure(item["line"], 1);
    const column = figure(item["column"], 1);
    return {
      message: typeof item["message"] === "string" ? item["message"] : "This line cannot be read.",
      line,
      column,
      end_line: figure(item["end_line"], line),
      end_column: figure(item["end_column"], column),
    };
  });
}

const figure = (value: unknown, otherwise: number): number => (typeof value === "number" && value >= 1 ? value : otherwise);
