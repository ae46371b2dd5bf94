/** Who stands behind an id: oneself, or somebody whose name may be known. */
import { useQuery } from "@tanstack/react-query";
import { people, type User } from "../api";

const MOST = 100;

export function usePeople(me: User, ids: readonly (string | null)[]): (id: string) => string {
  const others = ids.some((id) => id !== null && id !== me.id);
  const query = useQuery({
    queryKey: ["ops", "people"],
    queryFn: ({ signal }) => people.list({ page: 1, page_size: MOST }, signal),
    enabled: others && me.permissions.includes("people:read"),
    staleTime: 60_000,
  });
  const names = new Map(query.data?.items.map(({ id, name }) => [id, name]));
  return (id) => (id === me.id ? "you" : (names.get(id) ?? "somebody else"));
}
