/** To what people are invited: a role, a team and what they are in it, and for how long. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { people, teams, type TeamRole, type User } from "../api";
import { Choice } from "../ui";
import { givable, type Grant } from "./inviting";

const LASTS = [
  ["", "As is usual here"],
  ["1", "A day"],
  ["7", "A week"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;
const TEAM_ROLES: readonly TeamRole[] = ["member", "guest", "admin", "owner"];

interface GrantFieldsProps {
  me: User;
  grant: Grant;
  /** Whether it is for one team, which is chosen then. */
  isForTeam: boolean;
  /** Whether one may make owners of that team. */
  makesOwners: boolean;
  onGrant: (grant: Grant) => void;
}

export function GrantFields({ me, grant, isForTeam, makesOwners, onGrant }: GrantFieldsProps): ReactElement {
  const manages = me.permissions.includes("people:manage");
  const all = me.permissions.includes("teams:manage");
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => people.roles(signal), enabled: manages });
  const mine = useQuery({ queryKey: ["teams", "choice", all], queryFn: ({ signal }) => teams.list(all, 1, signal), enabled: !isForTeam });
  const may = mine.data?.items.filter(({ role }) => all || role === "owner" || role === "admin") ?? [];
  const ownsIt = isForTeam ? makesOwners : all || may.find(({ id }) => id === grant.team)?.role === "owner";
  const isGuest = grant.team !== "" && grant.teamRole === "guest";
  const roleOptions = givable(roles.data?.items ?? [], me).map((name) => [name, name] as const);
  return (
    <div className="st-two">
      {!isForTeam && <Choice label="Team" value={grant.team} options={[["", "No team"], ...may.map(({ id, name }) => [id, name] as const)]} onPick={(team) => onGrant({ ...grant, team })} />}
      {grant.team !== "" && <Choice label="In the team" value={grant.teamRole} options={TEAM_ROLES.filter((one) => ownsIt || one !== "owner").map((one) => [one, one] as const)} onPick={(one) => onGrant({ ...grant, teamRole: one as TeamRole })} />}
      {manages && !isGuest && <Choice label="Role of a new account" value={grant.role} options={[["", "editor, as everybody"], ...roleOptions.filter(([name]) => name !== "editor")]} onPick={(role) => onGrant({ ...grant, role })} />}
      <Choice label="Good for" value={grant.days} options={LASTS} onPick={(days) => onGrant({ ...grant, days })} />
    </div>
  );
}
