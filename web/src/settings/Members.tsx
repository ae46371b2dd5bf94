/** Everybody of the installation: find, look after, give roles. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Ban, Ellipsis, KeyRound, LogOut, RotateCcw, UserCog } from "lucide-react";
import { useState, type ReactElement } from "react";
import { people, type Member, type MemberStatus, type User } from "../api";
import { ago, Answer, Avatar, Button, Dialog, exactly, Fault, Field, IconButton, Menu, Nothing, Panel, Sideways, type MenuItem } from "../ui";
import { Choice } from "./Choice";
import { Pager } from "./Pager";
import { useSave } from "./useSave";
import { useSettled } from "./useSettled";

const MEMBERS = ["members"] as const;
const ROLES = ["roles"] as const;
const PAGE_SIZE = 50;
const STATUSES: readonly (readonly [MemberStatus | "", string])[] = [
  ["", "Everybody"],
  ["active", "Active"],
  ["disabled", "Disabled"],
  ["locked", "Locked"],
  ["unverified", "Not confirmed"],
];

export function Members({ me }: { me: User }): ReactElement {
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<MemberStatus | "">("");
  const [role, setRole] = useState("");
  const [page, setPage] = useState(1);
  const asked = useSettled(search.trim());
  const ask = { page, page_size: PAGE_SIZE, search: asked, role, ...(status && { status }) };
  const query = useQuery({ queryKey: [...MEMBERS, ask], queryFn: ({ signal }) => people.list(ask, signal), placeholderData: keepPreviousData });
  const roles = useQuery({ queryKey: ROLES, queryFn: ({ signal }) => people.roles(signal) });
  const from = (set: (text: string) => void) => (text: string) => {
    set(text);
    setPage(1);
  };

  return (
    <Panel title="People" note={query.data && `${query.data.total} in all`}>
      <div className="st-filters">
        <Field label="Find" type="search" placeholder="Name or address" value={search} onText={from(setSearch)} />
        <Choice label="Status" value={status} options={STATUSES} onPick={from((one) => setStatus(one as MemberStatus | ""))} />
        <Choice label="Role" value={role} options={[["", "Every role"], ...(roles.data?.items ?? []).map(({ name }) => [name, name] as const)]} onPick={from(setRole)} />
      </div>
      <Answer of={query}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Nothing>Nobody matches.</Nothing>
          ) : (
            <>
              <Sideways label="People">
                <table>
                  <thead>
                    <tr>
                      <th>Person</th>
                      <th>Roles</th>
                      <th>State</th>
                      <th>Second proof</th>
                      <th>Last seen</th>
                      <th>
                        <span className="hidden-text">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((member) => (
                      <Row key={member.id} member={member} me={me} roles={roles.data?.items.map(({ name }) => name) ?? member.roles} />
                    ))}
                  </tbody>
                </table>
              </Sideways>
              <Pager page={page} pageSize={PAGE_SIZE} total={total} onPage={setPage} />
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function Row({ member, me, roles }: { member: Member; me: User; roles: readonly string[] }): ReactElement {
  const [changing, setChanging] = useState(false);
  const act = useSave({ send: (what: (id: string) => Promise<unknown>) => what(member.id), renews: MEMBERS });
  const mayManage = me.permissions.includes("people:manage");
  const items: MenuItem[] = [
    { label: "Change roles", icon: UserCog, onPick: () => setChanging(true) },
    ...(member.is_locked ? [{ label: "Unlock", icon: KeyRound, onPick: () => act.mutate(people.unlock) }] : []),
    ...(member.sessions > 0 ? [{ label: "Sign out everywhere", icon: LogOut, onPick: () => act.mutate(people.signOut) }] : []),
    member.disabled_at ? { label: "Enable", icon: RotateCcw, onPick: () => act.mutate(people.enable) } : { label: "Disable", icon: Ban, danger: true, onPick: () => act.mutate(people.disable) },
  ];
  return (
    <tr>
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
      <td>{member.has_passkey ? "Passkey" : member.has_mfa ? "Code" : <span className="t3">none</span>}</td>
      <td title={member.last_seen_at ? exactly(member.last_seen_at) : undefined}>{member.last_seen_at ? ago(member.last_seen_at) : <span className="t3">never</span>}</td>
      <td className="num">
        {mayManage && (
          <Menu label={`Actions for ${member.name}`} align="end" items={items}>
            {(trigger) => <IconButton icon={Ellipsis} label={`Actions for ${member.name}`} aria-busy={act.isPending} {...trigger} />}
          </Menu>
        )}
        {changing && <RolesDialog member={member} roles={roles} onClose={() => setChanging(false)} />}
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

function RolesDialog({ member, roles, onClose }: { member: Member; roles: readonly string[]; onClose: () => void }): ReactElement {
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
