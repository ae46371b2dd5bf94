/** The secret of an invitation: behind the # of its link, and kept in this tab while one signs in on the way. */

const KEPT = "autograph.invitation";

export function invitationSecret(): string {
  return location.hash.slice(1) || (sessionStorage.getItem(KEPT) ?? "");
}

export function keepInvitation(secret: string): void {
  sessionStorage.setItem(KEPT, secret);
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(KEPT);
}
