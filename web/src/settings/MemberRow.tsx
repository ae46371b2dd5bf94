/** Somebody in the list of people, and what may be done for them. */
import { Ban, Ellipsis, KeyRound, LogOut, RotateCcw, ShieldOff, UserCog, UserX } from "lucide-react";
import { useState, type ReactElement } from "react";
import { people, type Member, type User } from "../api";
import { ago, Avatar, exactly, Fault, IconButton, Menu, type MenuItem } from "../ui";
import { MEMBERS, RolesDialog, SureDialog } from "./MemberDialogs";
import { RemoveMember } from "./RemoveMember";
import { useSave } from "./useSave";

interface MemberRowProps {
  member: Member;
  me: User;
  roles: readonly string[];
  selected: boolean;
  onSelect: () => void;
}

export function MemberRow({ member, me, roles, selected, onSelect }: MemberRowProps): ReactElement {
  const [open, setOpen] = useState<"roles" | "disable" | "reset" | "remove">();
  const act = useSave({ send: (what: (id: string) => Promise<unknown>) => what(member.id), renews: MEMBERS });
  const mayManage = me.permissions.includes("people:manage");
  const items: MenuItem[] = [
    { label: "Change roles", icon: UserCog, onPick: () => setOpen("roles") },
    ...(member.is_locked ? [{ label: "Unlock", icon: KeyRound, onPick: () => act.mutate(people.unlock) }] : []),
    ...(member.has_mfa && member.id !== me.id ? [{ label: "Reset second factors", icon: ShieldOff, onPick: () => setOpen("reset") }] : []),
    ...(member.sessions > 0 ? [{ label: "Sign out everywhere", icon: LogOut, onPick: () => act.mutate(people.signOut) }] : []),
    member.disabled_at ? { label: "Enable", icon: RotateCcw, onPick: () => act.mutate(people.enable) } : { label: "Disable", icon: Ban, danger: true, onPick: () => setOpen("disable") },
    ...(member.id === me.id ? [] : [{ label: "Remove", icon: UserX, danger: true, onPick: () => setOpen("remove") }]),
  ];
  const close = () => setOpen(undefined);
  return (
    <tr className={selected ? "sel" : undefined}>
      {mayManage && (
        <td className="pick st-pick">
          <input className="chk" type="checkbox" aria-label={`Select ${member.name}`} checked={selected} onChange={onSelect} />
        </td>
      )}
      <td>
        <span className="row">
          <Avatar name={member.name} id={member.id} />
          <span className="st-person">
            <span className="b6 t1 trunc">{member.name}</span>
            <span className="t3 f12 trunc">{member.email}</span>
          </span>
        </span>
      </td>
      <td>{member.roles.join(", ")}</td>
      <td>
        <State of={member} />
        {act.refused && <Fault>{act.refused}</Fault>}
      </td>
      <td>{member.has_passkey ? "Passkey" : member.has_mfa ? "App" : <span className="t3">none</span>}</td>
      <td className="nw" title={member.last_seen_at ? exactly(member.last_seen_at) : undefined}>
        {member.last_seen_at ? ago(member.last_seen_at) : <span className="t3">never</span>}
      </td>
      <td className="num">
        {mayManage && (
          <Menu label={`Actions for ${member.name}`} align="end" items={items}>
            {(trigger) => <IconButton icon={Ellipsis} label={`Actions for ${member.name}`} aria-busy={act.isPending} {...trigger} />}
          </Menu>
        )}
        {open === "roles" && <RolesDialog member={member} roles={roles} onClose={close} />}
        {open === "remove" && <RemoveMember member={member} onClose={close} />}
        {(open === "disable" || open === "reset") && <SureDialog what={open} member={member} onClose={close} />}
      </td>
    </tr>
  );
}

function State({ of: member }: { of: Member }): ReactElement {
  if (member.disabled_at) return <span className="bdg bad">Disabled</span>;
  if (member.is_locked) return <span className="bdg warn">Locked</span>;
  if (!member.verified_at) return <span className="bdg warn">Not confirmed</span>;
  return <>Active</>;
}
