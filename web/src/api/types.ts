/**
 * The shapes that cross the wire. All of them come from `schema.ts`, which is generated from the server's own
 * description (`make openapi`); here they only get short names, and contents that the server keeps unread their shape.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** What the server answers always holds every field, also those that a request may leave out. */
type Whole<T> = T extends readonly (infer Item)[] ? Whole<Item>[] : T extends object ? { [Name in keyof T]-?: Whole<T[Name]> } : T;

export type User = Schemas["Account"];
export type Session = Schemas["Me"]["session"];
export type Me = Schemas["Me"];
export type FirstRunState = Schemas["FirstRunState"];
export type FirstRunAnswers = Schemas["FirstRun"];

/** A document without its contents: what lists show and saves answer. */
export type DocumentHead = Schemas["DocumentHead"];
export type FileType = DocumentHead["file_type"];
export type Page<Item> = Omit<Schemas["DocumentPage"], "items"> & { items: Item[] };
export type Version = Schemas["VersionPage"]["items"][number];

/** A drawing of the canvas: Excalidraw's own format, which the server keeps without reading all of it. */
export interface Canvas {
  type: string;
  version: number;
  elements: unknown[];
  appState: Record<string, unknown>;
  files: Record<string, unknown>;
}

export type Document = Omit<Schemas["Document"], "canvas" | "model"> & { canvas: Canvas | null; model: Model | null };

export type Model = Whole<Schemas["Model"]>;
export type ModelNode = Model["nodes"][number];
export type ModelEdge = Model["edges"][number];
export type Evidence = ModelEdge["evidence"][number];
export type Unresolved = Model["unresolved"][number];
export type Skipped = Model["skipped"][number];
export type Known = Schemas["Known"];
export type Kind = Schemas["Kind"];

export type Job = Schemas["Job"];
export type JobState = Job["state"];
export type JobSummary = Schemas["Summary"];
export type FoundNode = Schemas["FoundNode"];
export type Root = Schemas["Roots"]["roots"][number];
export type Source = { git_url: string; ref?: string } | { root: string; folder: string };

/** What is wrong with code, and where; lines and columns count from 1. */
export type Diagnostic = { [Name in keyof Schemas["Diagnostic"]]: NonNullable<Schemas["Diagnostic"][Name]> };
export interface Rendered {
  svg: string;
  diagnostics: Diagnostic[];
}
export type DrawingTheme = NonNullable<Schemas["RenderRequest"]["theme"]>;
