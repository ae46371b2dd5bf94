/** Inviting in words: which addresses were pasted, and what became of each. */
import type { Invitation, InvitationOutcome, Role, TeamRole, User } from "../api";

export const MOST_AT_ONCE = 200;

/** The addresses in a pasted text, each once: by lines, commas or blanks, also as `Mara Lind <mara@harbour.example>`. */
export function addressesIn(text: string): string[] {
  const parts = text.split(/[,;\n]+/u).flatMap((part) => {
    const framed = /<([^<>]*)>/u.exec(part);
    if (framed) return [framed[1] ?? ""];
    // What holds no address at all stays in one piece, to be told as such.
    return part.includes("@") ? part.split(/\s+/u) : [part];
  });
  return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
}

const OUTCOMES: Readonly<Record<InvitationOutcome["outcome"], string>> = {
  invited: "Invited",
  "not-an-address": "Not an address",
  "domain-not-allowed": "Another email domain than is allowed here",
  "has-account": "Has an account",
  "already-member": "Is in the team",
  "already-invited": "Was invited before",
  "too-many": "Not invited: you have too many open invitations",
};

export function outcomeWords(outcome: InvitationOutcome["outcome"]): string {
  return OUTCOMES[outcome];
}

/** Roles that do not allow what oneself may not do. */
export function givable(roles: readonly Role[], me: User): string[] {
  return roles.filter(({ permissions }) => permissions.every((one) => me.permissions.includes(one))).map(({ name }) => name);
}

/** What an invitation is to bring, as the form holds it; empty is what goes without saying. */
export interface Grant {
  role: string;
  team: string;
  teamRole: TeamRole;
  days: string;
}

export const NOTHING_SAID: Grant = { role: "", team: "", teamRole: "member", days: "" };

/** As it travels. A guest's role follows from being one. */
export function grantBody({ role, team, teamRole, days }: Grant) {
  return {
    ...(role && !(team && teamRole === "guest") && { role }),
    ...(team && { team_id: team, team_role: teamRole }),
    ...(days && { expires_in_days: Number(days) }),
  };
}

/** "Payments as guest", or "AutoGraph as editor". */
export function leadsTo({ team, team_role, role }: Invitation): string {
  return team ? `${team} as ${team_role ?? "member"}` : `AutoGraph as ${role}`;
}

/** "3 Dec 2026". */
export function dayOf(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { dateStyle: "medium" });
}
