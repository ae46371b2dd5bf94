/** A refusal of the server, as RFC 9457 problem details, turned into an error that the page can show. */

export interface FieldError {
  field: string;
  message: string;
}

const TYPE_ROOT = "urn:autograph:problem:";

export class ProblemError extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** Stable kebab-case name, such as "version-conflict"; "unreachable" when no answer came. */
  readonly slug: string;
  /** What happened, the same for every occurrence. */
  readonly title: string;
  /** Ties this failure to the server's log lines. */
  readonly correlationId: string | null;
  /** Which fields of the request are at fault, when the server named them. */
  readonly errors: readonly FieldError[];
  /** Everything else the problem carried. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Record<string, unknown>, correlationId: string | null) {
    const title = text(document["title"]) ?? "The server answered something unexpected.";
    super(text(document["detail"]) ?? title);
    this.name = "ProblemError";
    this.status = status;
    this.slug = (text(document["type"]) ?? "about:blank").replace(TYPE_ROOT, "");
    this.title = title;
    this.correlationId = text(document["correlation_id"]) ?? correlationId;
    this.errors = fieldErrors(document["errors"]);
    this.members = document;
  }

  /** The message for one field, or undefined when the field was fine. */
  of(field: string): string | undefined {
    return this.errors.find((error) => error.field === field || error.field.endsWith(`.${field}`))?.message;
  }
}

/** The connection failed before any answer came. */
export function unreachable(): ProblemError {
  return new ProblemError(
    0,
    {
      type: `${TYPE_ROOT}unreachable`,
      title: "The server cannot be reached.",
      detail: "The server cannot be reached. Check the connection and try again.",
    },
    null,
  );
}

/** Read an answer that is not a success into the error it stands for. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const correlationId = response.headers.get("x-correlation-id");
  const body: unknown = await response.json().catch(() => null);
  const document = isRecord(body) ? body : { title: `The server answered ${response.status}.` };
  return new ProblemError(response.status, document, correlationId);
}

export function isProblem(error: unknown, slug?: string): error is ProblemError {
  return error instanceof ProblemError && (slug === undefined || error.slug === slug);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    field: text(item["field"]) ?? "",
    message: text(item["message"]) ?? "This value is not valid.",
  }));
}
