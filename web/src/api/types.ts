/**
 * The shapes that cross the wire. All of them come from `schema.ts`, which is generated from the server's own
 * description (`make openapi`); here they only get short names.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** What the server answers always holds every field, also those that a request may leave out. */
type Whole<T> = T extends readonly (infer Item)[] ? Whole<Item>[] : T extends object ? { [Name in keyof T]-?: Whole<T[Name]> } : T;

export type User = Schemas["Account"];
export type Session = Schemas["SessionView"];
export type ApiKey = Schemas["ApiKeyView"];
export type MadeApiKey = Schemas["MadeApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type Scope = NewApiKey["scopes"][number];
export type Member = Schemas["MemberView"];
export type MemberStatus = "active" | "disabled" | "locked" | "unverified";
export type MemberAsk = { page: number; page_size: number; search?: string; role?: string; status?: MemberStatus };
export type Role = Schemas["RoleView"];
export type RoleList = Schemas["RoleList"];
export type NewRole = Schemas["NewRole"];
export type RoleChanges = Schemas["RoleChanges"];
export type Team = Schemas["TeamView"];
export type TeamMember = Schemas["TeamMemberView"];
export type TeamRole = TeamMember["role"];
export type SecondStep = Schemas["SecondStepView"];
export type Method = SecondStep["methods"][number];
export type FactorStanding = Schemas["MfaStanding"];
export type AppKey = Schemas["AppSetup"];
export type Passkey = Schemas["PasskeyView"];
export type NewPasskeyJson = Schemas["NewPasskeyCredential"];
export type PasskeyJson = Schemas["PasskeyCredential"];
export type Invitation = Schemas["InvitationView"];
export type InvitationSeen = Schemas["InvitationSeen"];
export type InvitationOutcome = Schemas["InvitationOutcome"];
export type MadeInvitationLink = Schemas["MadeInvitationLink"];
export type NewInvitations = Schemas["NewInvitations"];
export type NewInvitationLink = Schemas["NewInvitationLink"];
export type MemberOutcome = Schemas["MemberOutcome"];
export type ErasureProspect = Schemas["ErasureProspect"];
export type OwnDeparture = Schemas["OwnDeparture"];
export type Departed = Schemas["Departed"];
export type Mail = Schemas["MailView"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditVerdict = Schemas["AuditVerdict"];
export type AuditAsk = { q?: string; event?: string; outcome?: "success" | "failure"; from?: string; to?: string };
/** Something that one may be allowed to do; the part before the colon names what it is done to. */
export type Permission = `${string}:${string}`;
export type Me = Schemas["Me"];
export type FirstRunState = Schemas["FirstRunState"];
export type FirstRunAnswers = Schemas["FirstRun"];
export type Registration = Schemas["Registration"];

/** A document without its contents: what lists show and saves answer. */
export type DocumentHead = Schemas["DocumentHead"];
export type FileType = DocumentHead["file_type"];
export type Page<Item> = Omit<Schemas["DocumentPage"], "items"> & { items: Item[] };
export type Version = Schemas["VersionPage"]["items"][number];

/** A drawing of the canvas: Excalidraw's own format; the server fills in what was left out. */
export type Canvas = Whole<Schemas["Canvas"]>;
export type Document = Whole<Schemas["Document"]>;

/** What a document holds; a part that is left out stays as it is. */
export type Contents = Partial<Pick<Schemas["NewDocument"], "title" | "code" | "note">> & { canvas?: Canvas | null; model?: Model | null };

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
type NewJob = Schemas["NewJob"];
type Given<Name extends keyof NewJob> = { [One in Name]: NonNullable<NewJob[One]> };
export type Source = (Given<"git_url"> & Partial<Given<"ref">>) | Given<"root" | "folder">;

/** What is wrong with code, and where; lines and columns count from 1. */
export type Diagnostic = { [Name in keyof Schemas["Diagnostic"]]: NonNullable<Schemas["Diagnostic"][Name]> };
/** A drawing of the server: the text of the SVG, and remarks that all have a place. */
export type Rendered = { svg: NonNullable<Schemas["Rendering"]["svg"]>; diagnostics: Diagnostic[] };
export type Health = Schemas["Healthy"];
export type DrawingTheme = NonNullable<Schemas["RenderRequest"]["theme"]>;

/** What the operations page shows; null is what was not measured. */
export type OpsRange = "15m" | "1h" | "6h" | "24h" | "7d";
export type Overview = Whole<Schemas["Overview"]>;
/** The same without history, as it comes every few seconds. */
export type Moment = Omit<Overview, "version" | "started_at" | "times" | "step_seconds">;
export type ServiceFigures = Overview["services"][number];
export type Saturation = Overview["saturation"][number];
export type Total = Overview["totals"][number];
export type ServiceMap = Schemas["ServiceMap"];
export type ErrorGroup = Schemas["ErrorGroup"];
export type ErrorState = ErrorGroup["state"];
export type ErrorAsk = { sort: "count" | "last"; page: number; state?: ErrorState };
export type ErrorMark = Schemas["ErrorMark"];
export type QueryAsk = "total" | "mean" | "p99" | "calls";
export type QueryFigures = Schemas["QueryView"];
export type Setting = Schemas["SettingView"];
export type Flag = Whole<Schemas["Flag"]>;
export type LogLevels = Whole<Schemas["LogLevels"]>;
