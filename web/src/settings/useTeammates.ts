/** Whoever is in one of one's teams, by name; the first of each team, when it is a large one. */
import { useQuery } from "@tanstack/react-query";
import { teams, type User } from "../api";

export interface Teammate {
  id: string;
  name: string;
}

export function useTeammates(me: User): readonly Teammate[] {
  const found = useQuery({
    queryKey: ["teammates"],
    queryFn: async ({ signal }) => {
      const mine = await teams.list(false, 1, signal);
      const pages = await Promise.all(mine.items.map(({ id }) => teams.members(id, 1, signal)));
      const others = pages.flatMap(({ items }) => items).filter((one) => !one.is_disabled && one.user_id !== me.id);
      return [...new Map(others.map(({ user_id, name }) => [user_id, { id: user_id, name }])).values()];
    },
  });
  return [...(found.data ?? [])].sort((one, other) => one.name.localeCompare(other.name));
}
