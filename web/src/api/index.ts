/** Everything the page may ask of the server. */
export { analysis, type Source } from "./analysis";
export { auth, type FirstRunAnswers } from "./auth";
export { onSignedOut, request, send } from "./client";
export { diagrams, type Contents, type ListAsk, type SortBy, type SortOrder } from "./diagrams";
export { drawing, type ExportFormat, type RenderAsk } from "./drawing";
export { health, type Health } from "./health";
export { isProblem, isRecord, ProblemError, type FieldError } from "./problem";
export type * from "./types";
