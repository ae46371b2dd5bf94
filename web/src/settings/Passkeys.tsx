/** One's passkeys: added, called something else, removed. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Plus, Trash2 } from "lucide-react";
import { useState, type ReactElement } from "react";
import { canUsePasskeys, CurrentPassword, PasskeyForm, useAgain } from "../account";
import { factors, passkeys, type Passkey } from "../api";
import { ago, Answer, Button, Dialog, exactly, Fault, Field, FormDialog, IconButton, Menu, Nothing, Panel, say, Sideways } from "../ui";
import { FACTORS } from "./AppDialogs";
import { useSave } from "./useSave";

const PASSKEYS = ["passkeys"] as const;
type Open = { what: "add" } | { what: "rename" | "remove"; passkey: Passkey };

export function Passkeys(): ReactElement {
  const [open, setOpen] = useState<Open>();
  const query = useQuery({ queryKey: PASSKEYS, queryFn: ({ signal }) => passkeys.list(signal) });
  const standing = useQuery({ queryKey: FACTORS, queryFn: ({ signal }) => factors.standing(signal) });
  const client = useQueryClient();
  const close = () => {
    setOpen(undefined);
    void client.invalidateQueries({ queryKey: PASSKEYS });
    void client.invalidateQueries({ queryKey: FACTORS });
  };
  const available = standing.data?.passkeys_available;
  const may = available && canUsePasskeys();
  return (
    <Panel
      title="Passkeys"
      note="Sign in with this device, your phone or a security key"
      action={
        may && (
          <Button size="s" icon={Plus} onClick={() => setOpen({ what: "add" })}>
            Add passkey
          </Button>
        )
      }
    >
      <Answer of={query}>
        {({ items }) => (
          <>
            {available === false && <p className="st-text">Browsers make passkeys only for an address by name, over https. An administrator sets it as AUTOGRAPH_PUBLIC_URL.</p>}
            {available && !canUsePasskeys() && <p className="st-text">This browser knows no passkeys.</p>}
            {items.length === 0 ? may && <Nothing>None yet. A passkey is a sign-in that cannot be guessed, and does for the password, too.</Nothing> : <List items={items} onOpen={setOpen} />}
            {items.length === 1 && standing.data && !standing.data.totp_enabled && <p className="st-text">This is your only second factor. Add another one: if it is lost, only an administrator gets you in again.</p>}
          </>
        )}
      </Answer>
      {open?.what === "add" && <Add onClose={close} />}
      {open?.what === "rename" && <Rename passkey={open.passkey} onClose={close} />}
      {open?.what === "remove" && <Remove passkey={open.passkey} onClose={close} />}
    </Panel>
  );
}

function List({ items, onOpen }: { items: readonly Passkey[]; onOpen: (open: Open) => void }): ReactElement {
  return (
    <Sideways label="Passkeys">
      <table className="cards">
        <thead>
          <tr>
            <th>Name</th>
            <th>Added</th>
            <th>Last use</th>
            <th>Kept</th>
            <th>
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((passkey) => (
            <tr key={passkey.id}>
              <td className="b6 t1">{passkey.name}</td>
              <td className="nw" title={exactly(passkey.created_at)}>
                {ago(passkey.created_at)}
              </td>
              <td className="nw" title={passkey.last_used_at ? exactly(passkey.last_used_at) : undefined}>
                {passkey.last_used_at ? ago(passkey.last_used_at) : <span className="t3">never</span>}
              </td>
              <td className="nw">{passkey.is_backed_up ? "on several devices" : "on one device"}</td>
              <td className="num">
                <Menu
                  label={`Actions for ${passkey.name}`}
                  align="end"
                  items={[
                    { label: "Rename", icon: Pencil, onPick: () => onOpen({ what: "rename", passkey }) },
                    { label: "Remove", icon: Trash2, danger: true, onPick: () => onOpen({ what: "remove", passkey }) },
                  ]}
                >
                  {(trigger) => <IconButton icon={Ellipsis} label={`Actions for ${passkey.name}`} {...trigger} />}
                </Menu>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sideways>
  );
}

function Add({ onClose }: { onClose: () => void }): ReactElement {
  const added = (passkey: Passkey) => {
    say(`${passkey.name} is added.`);
    onClose();
  };
  return (
    <Dialog title="Add passkey" onClose={onClose}>
      <PasskeyForm id="add-passkey" by={passkeys} className="dlg-b dlg-form" onAdded={added}>
        {({ busy, lacks }) => (
          <footer className="dlg-f">
            <span className="t3 f12 grow">Your browser asks where to keep it.</span>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" submit form="add-passkey" busy={busy} offBecause={lacks}>
              Add passkey
            </Button>
          </footer>
        )}
      </PasskeyForm>
    </Dialog>
  );
}

function Rename({ passkey, onClose }: { passkey: Passkey; onClose: () => void }): ReactElement {
  const [name, setName] = useState(passkey.name);
  const save = useSave({ send: () => passkeys.rename(passkey.id, name.trim()), then: onClose });
  return (
    <FormDialog title={`Rename ${passkey.name}`} act="Save name" busy={save.isPending} lacks={!name.trim() && "Give it a name"} onSend={save.mutate} onClose={onClose}>
      <Field label="Name" value={name} maxLength={100} fault={save.fault("name") ?? save.refused} onText={setName} />
    </FormDialog>
  );
}

function Remove({ passkey, onClose }: { passkey: Passkey; onClose: () => void }): ReactElement {
  const remove = useAgain(
    (password) => passkeys.remove(passkey.id, password),
    () => {
      say(`${passkey.name} is removed.`);
      onClose();
    },
  );
  const lacks = remove.again.asks && !remove.again.password && "Enter your password";
  return (
    <FormDialog title={`Remove ${passkey.name}?`} act="Remove passkey" danger busy={remove.isPending} lacks={lacks} onSend={remove.mutate} onClose={onClose}>
      <p>It opens your account no more. What your device keeps of it you remove there.</p>
      <CurrentPassword of={remove.again} />
      {remove.fault && <Fault>{remove.fault.message}</Fault>}
    </FormDialog>
  );
}
