/** The shapes that cross the wire, named as the server names them. */

export interface User {
  id: string;
  email: string;
  name: string;
  roles: string[];
  created_at?: string;
}

export interface Session {
  id: string;
  created_at: string;
  expires_at: string;
}

export interface Me {
  user: User;
  session: Session;
}

export interface FirstRunState {
  needed: boolean;
  code_valid: boolean | null;
}

export type FileType = "canvas" | "note" | "mixed";

/** A document without its contents: what lists show and saves answer. */
export interface DocumentHead {
  id: string;
  title: string;
  file_type: FileType;
  version: number;
  owner_id: string;
  created_at: string;
  updated_at: string;
  size_bytes: number;
  has_model: boolean;
  has_canvas: boolean;
  has_code: boolean;
  has_note: boolean;
  picture_version: number | null;
}

export interface Canvas {
  type: string;
  version: number;
  elements: unknown[];
  appState: Record<string, unknown>;
  files: Record<string, unknown>;
}

export interface Document extends DocumentHead {
  canvas: Canvas | null;
  code: string;
  note: string;
  model: Model | null;
}

export interface Page<T> {
  items: T[];
  page: number;
  page_size: number;
  total: number;
}

export interface Version {
  number: number;
  title: string;
  author_id: string;
  created_at: string;
  size_bytes: number;
}

export type Known = "trace" | "code" | "config" | "declared" | "inferred";

export interface Evidence {
  file: string;
  /** Counts from 1. */
  line: number;
  snippet: string;
  /** Which line of the snippet is `line`; counts from 1. */
  snippet_line: number;
  rule: string;
  known: Known;
}

export type Kind =
  | "user"
  | "loadgen"
  | "frontend"
  | "gateway"
  | "service"
  | "auth"
  | "queue"
  | "database"
  | "cache"
  | "storage"
  | "external"
  | "config"
  | "discovery"
  | "observability";

export interface ModelNode {
  id: string;
  name: string;
  kind: Kind;
  technology: string;
  group: string;
  evidence: Evidence[];
}

export interface ModelEdge {
  source: string;
  target: string;
  protocol: string;
  label: string;
  consumes: boolean;
  known: Known;
  evidence: Evidence[];
}

export interface Unresolved {
  source: string;
  reference: string;
  reason: string;
  evidence: Evidence;
}

export interface Skipped {
  file: string;
  reason: string;
}

export interface Model {
  title: string;
  nodes: ModelNode[];
  edges: ModelEdge[];
  unresolved: Unresolved[];
  skipped: Skipped[];
  revision: string;
}

export type JobState = "queued" | "fetching" | "reading" | "merging" | "done" | "failed" | "cancelled";

export interface FoundNode {
  id: string;
  name: string;
  kind: Kind;
  technology: string;
  edges: number;
}

export interface JobSummary {
  services: number;
  stores: number;
  queues: number;
  externals: number;
  edges: number;
  unresolved: number;
  skipped: number;
  revision: string;
  seconds: number;
  nodes: FoundNode[];
}

export interface Job {
  id: string;
  state: JobState;
  source: string;
  progress: { done: number; total: number; current: string };
  summary: JobSummary | null;
  problem: Record<string, unknown> | null;
}

export interface Root {
  name: string;
  path: string;
}

export interface Diagnostic {
  message: string;
  /** Counts from 1, as do the three that follow. */
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

export type DrawingTheme = "light" | "dark";

export interface Rendered {
  svg?: string;
  text?: string;
  diagnostics: Diagnostic[];
}
