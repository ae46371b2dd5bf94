/** What an invitation is, in words. */
import type { InvitationSeen } from "../api";

export function inviterOf({ inviter }: InvitationSeen): string {
  return inviter ?? "Somebody of this workspace";
}

/** "into the team Payments as guest", or "to AutoGraph as editor". */
export function whereTo({ team, team_role, role }: InvitationSeen): string {
  return team ? `into the team ${team} as ${team_role ?? "member"}` : `to AutoGraph as ${role}`;
}
