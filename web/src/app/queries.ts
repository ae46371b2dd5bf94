/** What the page keeps of the server's answers, and when it asks again. */
import { QueryClient, useQuery } from "@tanstack/react-query";
import { auth, isProblem } from "../api";

export const ME = ["me"] as const;
const TRIES = 2;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the server refused stays refused; a lost connection is worth another try.
        retry: (failed, error) => failed < TRIES && isProblem(error) && (error.status === 0 || error.status >= 502),
        retryDelay: (failed) => 400 * 2 ** failed,
      },
    },
  });
}

/** Who is signed in. Fails with the problem "unauthenticated" when nobody is. */
export function useMe() {
  return useQuery({ queryKey: ME, queryFn: ({ signal }) => auth.me(signal), staleTime: 60_000 });
}
