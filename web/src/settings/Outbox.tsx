/** Mails to people: whether they were sent, and what stands in those that were not. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { mail, type Mail } from "../api";
import { ago, Answer, Button, Dialog, exactly, Fault, Nothing, Pager, Panel, Sideways } from "../ui";
import { useSave } from "./useSave";

const MAILS = ["mails"] as const;
const AGAIN_MS = 15_000;

export function Outbox(): ReactElement {
  const [page, setPage] = useState(1);
  const [open, setOpen] = useState<string>();
  const query = useQuery({ queryKey: [...MAILS, page], queryFn: ({ signal }) => mail.list(page, signal), placeholderData: keepPreviousData, refetchInterval: AGAIN_MS });
  const resend = useSave({ send: mail.resend, done: "The mail is tried now.", renews: MAILS });
  return (
    <Panel title="Mail" note={query.data && (query.data.is_sent ? "Sent by the mail server that is set" : "No mail server is set: hand the links over yourself, or set AUTOGRAPH_AUTH__SMTP_URL")}>
      <Answer of={query}>
        {({ items, total, page_size, is_sent }) =>
          items.length === 0 ? (
            <Nothing>No mail in the last 30 days.</Nothing>
          ) : (
            <>
              <Sideways label="Mail">
                <table className="cards">
                  <thead>
                    <tr>
                      <th>To</th>
                      <th>Subject</th>
                      <th>Written</th>
                      <th>State</th>
                      <th>
                        <span className="hidden-text">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((one) => (
                      <tr key={one.id}>
                        <td className="b6 t1">{one.recipient}</td>
                        <td>{one.subject}</td>
                        <td className="nw" title={exactly(one.created_at)}>
                          {ago(one.created_at)}
                        </td>
                        <td className="nw">
                          <State of={one} />
                        </td>
                        <td className="num nw">
                          {one.has_text && (
                            <span className="row">
                              {is_sent && (
                                <Button size="s" busy={resend.isPending && resend.variables === one.id} aria-label={`Send the mail to ${one.recipient} now`} onClick={() => resend.mutate(one.id)}>
                                  Send now
                                </Button>
                              )}
                              <Button size="s" aria-label={`Open the mail to ${one.recipient}`} onClick={() => setOpen(one.id)}>
                                Open
                              </Button>
                            </span>
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Sideways>
              {resend.refused && (
                <div className="st-foot">
                  <Fault>{resend.refused}</Fault>
                </div>
              )}
              <Pager page={page} pageSize={page_size} total={total} onPage={setPage} />
            </>
          )
        }
      </Answer>
      {open && <Opened id={open} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}

function State({ of: one }: { of: Mail }): ReactElement {
  if (one.state === "sent") return <span title={one.sent_at ? exactly(one.sent_at) : undefined}>Sent</span>;
  if (one.state === "failed") return <span className="bdg bad" title={one.error}>Not sent</span>;
  return (
    <span className={one.error ? "bdg warn" : "bdg"} title={one.error || undefined}>
      {one.next_try_at ? `Waiting, ${one.tries} tries` : "Not sent: read it here"}
    </span>
  );
}

function Opened({ id, onClose }: { id: string; onClose: () => void }): ReactElement {
  const query = useQuery({ queryKey: [...MAILS, "one", id], queryFn: ({ signal }) => mail.read(id, signal), gcTime: 0 });
  return (
    <Dialog title={query.data?.subject ?? "Mail"} onClose={onClose}>
      <div className="dlg-b">
        <Answer of={query}>
          {({ recipient, text, expires_at }) => (
            <>
              <p className="t3 f12">
                To {recipient}. Its link works until {exactly(expires_at)}. That you read it stands in the audit log.
              </p>
              <pre className="st-json st-letter" tabIndex={0} data-first>
                {text || "Its text is gone."}
              </pre>
            </>
          )}
        </Answer>
      </div>
    </Dialog>
  );
}
