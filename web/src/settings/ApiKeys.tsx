/** Keys for scripts: made, shown whole once, revoked. */
import { useQuery } from "@tanstack/react-query";
import { Check, Copy, Plus } from "lucide-react";
import { useState, type ReactElement } from "react";
import { auth, type ApiKey, type MadeApiKey, type Scope, type User } from "../api";
import { ago, Answer, Button, Choice, Dialog, exactly, Fault, Field, FormDialog, Nothing, Panel, Sideways } from "../ui";
import { useSave } from "./useSave";

const KEYS = ["api-keys"] as const;
const SOON_MS = 7 * 24 * 3600 * 1000;

const SCOPES: readonly { scope: Scope; title: string; text: string }[] = [
  { scope: "read", title: "Read", text: "Read and export documents" },
  { scope: "write", title: "Write", text: "Also create and change documents, and draw repositories" },
  { scope: "admin", title: "Admin", text: "All that your account may do, but neither keys nor what you sign in with" },
];
const LASTS = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "A year"],
  ["", "Until it is revoked"],
] as const;

export function ApiKeys({ me }: { me: User }): ReactElement {
  const [making, setMaking] = useState(false);
  const query = useQuery({ queryKey: KEYS, queryFn: ({ signal }) => auth.apiKeys(signal) });
  const revoke = useSave({ send: auth.revokeApiKey, done: "The key is revoked.", renews: KEYS });
  return (
    <Panel
      title="API keys"
      note="For scripts; a key never may do more than you"
      action={
        <Button size="s" kind="primary" icon={Plus} onClick={() => setMaking(true)}>
          New key
        </Button>
      }
    >
      <Answer of={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>No keys. A script sends one as “Authorization: Bearer ag_…”.</Nothing>
          ) : (
            <Sideways label="API keys">
              <table className="cards">
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Begins with</th>
                    <th>May</th>
                    <th>Ends</th>
                    <th>Last use</th>
                    <th>
                      <span className="hidden-text">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((key) => (
                    <tr key={key.id}>
                      <td className="b6 t1">{key.name}</td>
                      <td className="mono">{key.prefix}…</td>
                      <td>{key.scopes.join(", ")}</td>
                      <td>
                        <Ends of={key} />
                      </td>
                      <td title={key.last_used_at ? `${exactly(key.last_used_at)} from ${key.last_address}` : undefined}>{key.last_used_at ? ago(key.last_used_at) : "never"}</td>
                      <td className="num">
                        <Button size="s" kind="danger" busy={revoke.isPending && revoke.variables === key.id} aria-label={`Revoke ${key.name}`} onClick={() => revoke.mutate(key.id)}>
                          Revoke
                        </Button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Sideways>
          )
        }
      </Answer>
      {revoke.refused && (
        <div className="st-foot">
          <Fault>{revoke.refused}</Fault>
        </div>
      )}
      {making && <NewKey me={me} onClose={() => setMaking(false)} />}
    </Panel>
  );
}

function Ends({ of: key }: { of: ApiKey }): ReactElement {
  if (!key.expires_at) return <span className="t3">never</span>;
  const left = Date.parse(key.expires_at) - Date.now();
  if (left <= 0) return <span className="bdg bad">ended</span>;
  const day = new Date(key.expires_at).toLocaleDateString("en-GB", { dateStyle: "medium" });
  return left < SOON_MS ? <span className="bdg warn">{day}</span> : <>{day}</>;
}

function NewKey({ me, onClose }: { me: User; onClose: () => void }): ReactElement {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("read");
  const [days, setDays] = useState("90");
  const make = useSave({ send: auth.makeApiKey, renews: KEYS });
  const mayBeAdmin = me.roles.includes("admin");

  const send = () => {
    const scopes: Scope[] = scope === "write" ? ["read", "write"] : [scope];
    make.mutate({ name: name.trim(), scopes, expires_in_days: days ? Number(days) : null });
  };

  if (make.data) return <Made made={make.data} onClose={onClose} />;
  return (
    <FormDialog title="New API key" size="form" act="Make key" busy={make.isPending} lacks={!name.trim() && "Give it a name"} onSend={send} onClose={onClose}>
      <Field label="Name" value={name} maxLength={100} placeholder="Nightly drawing" fault={make.fault("name")} hint="What it is for." onText={setName} />
      <fieldset className="st-choices">
        <legend>May</legend>
        {SCOPES.filter((one) => one.scope !== "admin" || mayBeAdmin).map((one) => (
          <label key={one.scope}>
            <input type="radio" name="scope" checked={scope === one.scope} onChange={() => setScope(one.scope)} />
            <span>
              <span className="b5">{one.title}</span>
              <span className="t3 f12">{one.text}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Choice label="Ends after" value={days} options={LASTS} onPick={setDays} />
      {make.refused && <Fault>{make.refused}</Fault>}
    </FormDialog>
  );
}

function Made({ made, onClose }: { made: MadeApiKey; onClose: () => void }): ReactElement {
  return (
    <Dialog title={`The key ${made.name}`} onClose={onClose}>
      <div className="dlg-b dlg-form">
        <p>Copy it now: it is kept as a hash and never shown again.</p>
        <Secret text={made.key} label="API key" />
      </div>
      <footer className="dlg-f">
        <span className="grow" />
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </footer>
    </Dialog>
  );
}

/** Something to copy. */
export function Secret({ text, label }: { text: string; label: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className="st-secret">
      <code aria-label={label}>{text}</code>
      <Button size="s" data-first icon={copied ? Check : Copy} onClick={() => void copy()}>
        {copied ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
