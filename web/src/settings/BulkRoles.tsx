/** One role for many people at once; whoever it was not given to is named, with the reason. */
import { X } from "lucide-react";
import { useState, type ReactElement } from "react";
import { people, type Member, type MemberOutcome } from "../api";
import { Button, counted, Dialog, IconButton, say, Sideways } from "../ui";
import { MEMBERS } from "./MemberDialogs";
import { useSave } from "./useSave";

const REFUSED: Readonly<Partial<Record<MemberOutcome["outcome"], string>>> = {
  "not-found": "The account is gone",
  "beyond-own-rights": "May do what you may not",
  "last-administrator": "Is the last administrator",
};

interface BulkRolesProps {
  selected: readonly Member[];
  roles: readonly string[];
  onClear: () => void;
}

export function BulkRoles({ selected, roles, onClear }: BulkRolesProps): ReactElement {
  const [role, setRole] = useState("");
  const [refused, setRefused] = useState<readonly (readonly [name: string, why: string])[]>([]);
  const give = useSave({
    send: () => people.giveRole(selected.map(({ id }) => id), role),
    renews: MEMBERS,
    then: ({ items }) => {
      const names = new Map(selected.map(({ id, name }) => [id, name]));
      const not = items.flatMap(({ user_id, outcome }) => {
        const why = REFUSED[outcome];
        return why ? [[names.get(user_id) ?? user_id, why] as const] : [];
      });
      if (not.length < items.length) say(`${counted(items.length - not.length, "person has", "people have")} the role ${role} now.`);
      setRefused(not);
      if (not.length === 0) onClear();
    },
  });
  const close = () => {
    setRefused([]);
    onClear();
  };
  return (
    <div
      className="st-bulk"
      role="toolbar"
      aria-label="Selected people"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClear();
      }}
    >
      <span className="b5 nw">{selected.length} selected</span>
      <select className="select" aria-label="Role for them" value={role} onChange={(event) => setRole(event.target.value)}>
        <option value="">Choose a role</option>
        {roles.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <Button size="s" busy={give.isPending} offBecause={!role && "Choose a role"} title="It replaces the roles that they have" onClick={() => give.mutate()}>
        Set role
      </Button>
      <IconButton icon={X} label="Clear the selection" onClick={onClear} />
      {(refused.length > 0 || give.refused) && <Refused list={give.refused ? [["Nobody was changed", give.refused]] : refused} onClose={close} />}
    </div>
  );
}

function Refused({ list, onClose }: { list: readonly (readonly [name: string, why: string])[]; onClose: () => void }): ReactElement {
  return (
    <Dialog
      title="Not everybody was changed"
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button data-first onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="dlg-b st-outcomes">
        <Sideways label="Who was not changed">
          <table>
            <tbody>
              {list.map(([name, why]) => (
                <tr key={name}>
                  <td className="b6 t1">{name}</td>
                  <td>{why}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Sideways>
      </div>
    </Dialog>
  );
}
