/** Equal failures together: what, where, how often; and the story of the newest. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { operations, type ErrorMark } from "../api";
import { ago, Button, Dialog, exactly, figure, sayFailure } from "../ui";
import { Answer, Card, Nothing, Sideways } from "./Card";

const AGAIN_MS = 30_000;

export function Errors(): ReactElement {
  const [open, setOpen] = useState<string>();
  const query = useQuery({ queryKey: ["ops", "errors"], queryFn: ({ signal }) => operations.errors("last", signal), refetchInterval: AGAIN_MS });
  return (
    <Card title="Error groups" note={query.data && `${query.data.total} in all`}>
      <Answer of={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>No error was recorded.</Nothing>
          ) : (
            <Sideways label="Error groups">
              <table>
                <thead>
                  <tr>
                    <th>Error</th>
                    <th>State</th>
                    <th className="num">Events</th>
                    <th>Last</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((group) => (
                    <tr key={group.fingerprint}>
                      <td className="op-error">
                        <button type="button" className="linkish trunc b6" onClick={() => setOpen(group.fingerprint)}>
                          {group.kind.split(".").at(-1)}: {group.message}
                        </button>
                        <div className="mono t3 trunc">{group.culprit || group.service}</div>
                      </td>
                      <td>{group.state}</td>
                      <td className="num b6">{figure(group.count)}</td>
                      <td title={exactly(group.last_at)}>{ago(group.last_at)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Sideways>
          )
        }
      </Answer>
      {open && <Story fingerprint={open} onClose={() => setOpen(undefined)} />}
    </Card>
  );
}

function Story({ fingerprint, onClose }: { fingerprint: string; onClose: () => void }): ReactElement {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["ops", "error", fingerprint], queryFn: ({ signal }) => operations.error(fingerprint, signal) });
  const mark = useMutation({
    mutationFn: (state: ErrorMark["state"]) => operations.markError(fingerprint, state),
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: ["ops"] });
    },
    onError: () => sayFailure("The error was not marked. Try again."),
  });
  const event = query.data?.events[0];
  return (
    <Dialog title={query.data?.group.kind ?? "Error"} onClose={onClose}>
      <div className="dlg-b op-story">
        <Answer of={query}>
          {({ group }) => (
            <>
              <p>{group.message}</p>
              <p className="t3 f12">
                {group.service}, {figure(group.count)} events, first {ago(group.first_at)}, last {ago(group.last_at)}
                {event?.correlation_id && `, reference ${event.correlation_id}`}
              </p>
              <h3>Stack trace</h3>
              <pre tabIndex={0}>{event?.frames?.map(({ module, line, function: name, code }) => `${module}:${line} in ${name}\n    ${code}`).join("\n") || "none kept"}</pre>
              <h3>What came before</h3>
              <pre tabIndex={0}>{event?.breadcrumbs?.join("\n") || "nothing was logged"}</pre>
            </>
          )}
        </Answer>
      </div>
      <div className="dlg-f">
        <span className="grow" />
        <Button onClick={() => mark.mutate("ignored")}>Ignore error</Button>
        <Button kind="primary" busy={mark.isPending} onClick={() => mark.mutate("resolved")}>
          Mark resolved
        </Button>
      </div>
    </Dialog>
  );
}
