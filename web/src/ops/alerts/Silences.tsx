/** What is kept quiet, until when and by whom. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { operations, type User } from "../../api";
import { Button, exactly, sayFailure } from "../../ui";
import { usePeople } from "../usePeople";
import { covers, type Silence } from "./alert";

export function Silences({ me }: { me: User }): ReactElement | null {
  const query = useQuery({ queryKey: ["ops", "alerts", "silences"], queryFn: ({ signal }) => operations.silences(signal), refetchInterval: 30_000 });
  const silences = query.data?.items ?? [];
  const nameOf = usePeople(me, silences.map(({ created_by }) => created_by));
  if (silences.length === 0) return null;
  return (
    <section className="op-fold" aria-label="Silences">
      <h3>Silences</h3>
      <ul className="op-lines">
        {silences.map((silence) => (
          <Line key={silence.id} silence={silence} by={nameOf(silence.created_by)} mayEnd={me.permissions.includes("operations:manage")} />
        ))}
      </ul>
    </section>
  );
}

function Line({ silence, by, mayEnd }: { silence: Silence; by: string; mayEnd: boolean }): ReactElement {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => operations.endSilence(silence.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["ops"] }),
    onError: () => sayFailure("The silence was not ended. Try again."),
  });
  const until = new Date(silence.until).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return (
    <li className="row">
      <span className="grow">
        <span className="b5">{covers(silence.matchers)}</span>{" "}
        <span className="t3 f12" title={exactly(silence.until)}>
          until {until}, by {by}
          {silence.comment && `: ${silence.comment}`}
        </span>
      </span>
      {mayEnd && (
        <Button size="xs" busy={end.isPending} aria-label={`End the silence of ${covers(silence.matchers)}`} onClick={() => end.mutate()}>
          End silence
        </Button>
      )}
    </li>
  );
}
