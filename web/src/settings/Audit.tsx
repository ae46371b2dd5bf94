/** Who did what, when, to what and from where; and whether the log is whole. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, ShieldCheck } from "lucide-react";
import { useState, type ReactElement } from "react";
import { audit, type AuditAsk, type AuditEntry, type AuditVerdict } from "../api";
import { Button, Choice, Dialog, exactly, Failure, Fault, Field, figure, Icon, Nothing, Panel, Sideways, useSettled } from "../ui";
import { useSave } from "./useSave";

const OUTCOMES = [
  ["", "Every outcome"],
  ["success", "Done"],
  ["failure", "Refused"],
] as const;
const KINDS = [
  ["", "Every event"],
  ["session.", "Sign-ins and sessions"],
  ["password.", "Passwords"],
  ["account.", "Accounts"],
  ["mfa.", "Second factors"],
  ["passkey.", "Passkeys"],
  ["api_key.", "API keys"],
  ["role", "Roles"],
  ["team.", "Teams"],
  ["member.", "Who is in a team"],
  ["invitation.", "Invitations"],
  ["audit.", "The log itself"],
] as const;

export function Audit(): ReactElement {
  const [text, setText] = useState("");
  const [event, setEvent] = useState("");
  const [outcome, setOutcome] = useState("");
  const [open, setOpen] = useState<AuditEntry>();
  const q = useSettled(text.trim());
  const ask: AuditAsk = { ...(q && { q }), ...(event && { event }), ...(outcome && { outcome: outcome as "success" | "failure" }) };
  const query = useInfiniteQuery({
    queryKey: ["audit", ask],
    queryFn: ({ pageParam, signal }) => audit.list(ask, pageParam || undefined, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next_before ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <>
      <Verdict />
      <Panel
        title="Records"
        note="The newest first"
        action={
          <>
            {(["csv", "json"] as const).map((format) => (
              <a key={format} className="btn s" href={audit.fileAddress(ask, format)} download>
                <Icon of={Download} />
                {format.toUpperCase()}
              </a>
            ))}
          </>
        }
      >
        <div className="st-filters">
          <Field label="Find" type="search" placeholder="Event, person, address" value={text} onText={setText} />
          <Choice label="Events" value={event} options={KINDS} onPick={setEvent} />
          <Choice label="Outcome" value={outcome} options={OUTCOMES} onPick={setOutcome} />
        </div>
        {query.error && <Failure title="The log did not answer" error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <div className="sk later panel-waiting" />}
        {query.data && items.length === 0 && <Nothing>No record matches.</Nothing>}
        {items.length > 0 && (
          <Sideways label="Records">
            <table className="cards">
              <thead>
                <tr>
                  <th>When</th>
                  <th>Event</th>
                  <th>Who</th>
                  <th>To what</th>
                  <th>From</th>
                </tr>
              </thead>
              <tbody>
                {items.map((entry) => (
                  <tr key={entry.number}>
                    <td className="nw" title={exactly(entry.at)}>
                      {new Date(entry.at).toLocaleString("en-GB", { dateStyle: "short", timeStyle: "medium" })}
                    </td>
                    <td className="nw">
                      <button type="button" className="linkish" onClick={() => setOpen(entry)}>
                        <span className="mono">{entry.event}</span>
                      </button>{" "}
                      {entry.outcome === "failure" && <span className="bdg warn">Refused</span>}
                    </td>
                    <td>{who(entry)}</td>
                    <td>{subject(entry)}</td>
                    <td className="mono nw">{entry.address}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Sideways>
        )}
        {query.hasNextPage && (
          <div className="st-foot">
            <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show older records
            </Button>
          </div>
        )}
      </Panel>
      {open && <Record entry={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

/** Whose doing it was, by name; the installation's own where it was nobody's. */
function who({ actor, email }: AuditEntry): string {
  if (actor) return actor.name ?? actor.email ?? `removed (${actor.id.slice(0, 8)})`;
  return email || "the installation";
}

function subject({ subject: found }: AuditEntry): string {
  return found ? (found.name ?? `${found.kind} ${found.id.slice(0, 8)}`) : "";
}

function Record({ entry, onClose }: { entry: AuditEntry; onClose: () => void }): ReactElement {
  const lines: readonly (readonly [string, string])[] = [
    ["Number", figure(entry.number)],
    ["When", exactly(entry.at)],
    ["Who", entry.actor ? `${who(entry)}${entry.actor.email ? `, ${entry.actor.email}` : ""}` : who(entry)],
    ["To what", entry.subject ? `${subject(entry)} (${entry.subject.kind} ${entry.subject.id})` : "nothing in particular"],
    ["From", entry.is_erased ? "erased with the person" : [entry.address, entry.device].filter(Boolean).join(", ") || "this server"],
    ["Reference", entry.correlation_id || "none"],
  ];
  return (
    <Dialog title={entry.event} onClose={onClose}>
      <div className="dlg-b">
        <dl className="st-facts">
          {lines.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {Object.keys(entry.details).length > 0 && (
          <pre className="st-json" tabIndex={0}>
            {JSON.stringify(entry.details, null, 2)}
          </pre>
        )}
      </div>
    </Dialog>
  );
}

function Verdict(): ReactElement {
  const verify = useSave({ send: () => audit.verify() });
  return (
    <Panel
      title="Is the log whole?"
      note="Each record is chained to the one before; signed checkpoints are kept outside of the database"
      action={
        <Button size="s" icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify log
        </Button>
      }
    >
      <div className="st-text" role="status">
        {verify.refused && <Fault>{verify.refused}</Fault>}
        {verify.data ? <Says verdict={verify.data} /> : !verify.refused && "Not verified in this visit."}
      </div>
    </Panel>
  );
}

function Says({ verdict }: { verdict: AuditVerdict }): ReactElement {
  if (verdict.broken) {
    return (
      <>
        <span className="bdg bad">Broken</span> at record {figure(verdict.broken.number)}: {verdict.broken.what} Records before it are as they were written.
      </>
    );
  }
  const range = `${figure(verdict.records)} records, ${figure(verdict.checkpoints)} checkpoints agree${verdict.erased ? `, ${figure(verdict.erased)} with erased personal data` : ""}.`;
  return verdict.is_finished ? (
    <>
      <span className="bdg ok">Whole</span> {range}
    </>
  ) : (
    <>
      <span className="bdg warn">No time for all</span> {range} Run “autograph audit verify” for the rest.
    </>
  );
}
