/** What is asked before something is done to somebody: which roles, and whether it is meant. */
import { useState, type ReactElement } from "react";
import { people, type Member } from "../api";
import { Button, Dialog, Fault } from "../ui";
import { useSave } from "./useSave";

export const MEMBERS = ["members"] as const;

export function RolesDialog({ member, roles, onClose }: { member: Member; roles: readonly string[]; onClose: () => void }): ReactElement {
  const [chosen, setChosen] = useState<readonly string[]>(member.roles);
  const save = useSave({ send: () => people.setRoles(member.id, [...chosen]), done: `${member.name} has other roles now.`, renews: MEMBERS, then: onClose });
  const turn = (role: string) => setChosen(chosen.includes(role) ? chosen.filter((one) => one !== role) : [...chosen, role]);
  return (
    <Dialog
      title={`Roles of ${member.name}`}
      size="small"
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={save.isPending} offBecause={chosen.length === 0 && "Everybody has a role"} onClick={() => save.mutate()}>
            Save roles
          </Button>
        </>
      }
    >
      <div className="dlg-b st-choices">
        {roles.map((role) => (
          <label key={role}>
            <input className="chk" type="checkbox" checked={chosen.includes(role)} onChange={() => turn(role)} />
            {role}
          </label>
        ))}
        {(save.refused ?? save.fault("roles")) && <Fault>{save.refused ?? save.fault("roles")}</Fault>}
      </div>
    </Dialog>
  );
}

interface Asked {
  title: (name: string) => string;
  text: string;
  act: string;
  done: (name: string) => string;
  send: (id: string) => Promise<unknown>;
}

const ASKED = {
  disable: {
    title: (name) => `Disable ${name}?`,
    text: "Within seconds no session, key, link or invitation of theirs works any more. Their documents are kept, and are there again once you enable the account.",
    act: "Disable account",
    done: (name) => `${name} is disabled.`,
    send: people.disable,
  },
  reset: {
    title: (name) => `Reset the second factors of ${name}?`,
    text: "Their authenticator app, backup codes and passkeys are removed, and their sessions end. Their password is enough until they set up others. Be sure that it is them who ask.",
    act: "Reset factors",
    done: (name) => `The second factors of ${name} are reset.`,
    send: people.resetFactors,
  },
} satisfies Record<string, Asked>;

/** A question before what cannot be taken back at once. */
export function SureDialog({ what, member, onClose }: { what: keyof typeof ASKED; member: Member; onClose: () => void }): ReactElement {
  const { title, text, act, done, send } = ASKED[what];
  const save = useSave({ send: () => send(member.id), done: done(member.name), renews: MEMBERS, then: onClose });
  return (
    <Dialog
      title={title(member.name)}
      size="small"
      plain
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={save.isPending} onClick={() => save.mutate()}>
            {act}
          </Button>
        </>
      }
    >
      <div className="dlg-b dlg-form">
        <p>{text}</p>
        {save.refused && <Fault>{save.refused}</Fault>}
      </div>
    </Dialog>
  );
}
