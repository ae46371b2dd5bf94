/** A change that is sent: what it is answered with, and which field it was refused for. */
import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { ProblemError } from "../api";
import { say } from "../ui";

interface Save<Sent, Got> {
  send: (sent: Sent) => Promise<Got>;
  /** Said when it is done. */
  done?: string;
  /** What is to be asked again then. */
  renews?: QueryKey;
  then?: (got: Got) => void;
}

export function useSave<Sent = void, Got = unknown>({ send, done, renews, then }: Save<Sent, Got>) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: send,
    onSuccess: async (got) => {
      then?.(got);
      // Said once it can be seen.
      if (renews) await client.invalidateQueries({ queryKey: renews });
      if (done) say(done);
    },
  });
  const refusal = change.error instanceof ProblemError ? change.error : null;
  return {
    ...change,
    /** Why a field was refused. */
    fault: (field: string): string | undefined => refusal?.of(field),
    /** Why all of it was refused, when no field is to blame. */
    refused: change.error && !refusal?.errors.length ? change.error.message : undefined,
  };
}
