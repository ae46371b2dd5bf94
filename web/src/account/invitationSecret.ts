/** The secret of an invitation: behind the # of its link, and kept in this tab while one signs in on the way. */

const KEPT = "autograph.invitation";

interface Kept {
  secret: string;
  /** Into which team it leads; null for none. */
  team: string | null;
}

export function invitationSecret(): string {
  return location.hash.slice(1) || (kept()?.secret ?? "");
}

export function keepInvitation(secret: string, team: string | null): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ secret, team } satisfies Kept));
}

/** Where an invitation led when one went to sign in with it: into a team, to an account alone (null), or nobody knows. */
export function keptTeam(secret: string): string | null | undefined {
  const found = kept();
  return found?.secret === secret ? found.team : undefined;
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(KEPT);
}

function kept(): Kept | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Partial<Kept> | null;
    return typeof found?.secret === "string" ? { secret: found.secret, team: found.team ?? null } : undefined;
  } catch {
    return undefined;
  }
}
