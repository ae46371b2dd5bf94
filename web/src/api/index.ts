/** Everything the page may ask of the server. */
export { analysis } from "./analysis";
export { audit } from "./audit";
export { auth } from "./auth";
export { onSignedOut } from "./client";
export { diagrams, type ListAsk, type SortBy, type SortOrder } from "./diagrams";
export { drawing, mistakesIn, type ExportFormat, type RenderAsk } from "./drawing";
export { factors, passkeys } from "./factors";
export { flags } from "./flags";
export { health } from "./health";
export { invitations } from "./invitations";
export { followOverview, operations } from "./operations";
export { mail } from "./mail";
export { ownData } from "./ownData";
export { people } from "./people";
export { isProblem, isRecord, ProblemError, type FieldError } from "./problem";
export { teams } from "./teams";
export type * from "./types";
