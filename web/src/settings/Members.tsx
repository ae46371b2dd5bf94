/** Everybody of the installation: find, look after, give roles. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { people, type Member, type MemberStatus, type User } from "../api";
import { Answer, Choice, Field, Nothing, Pager, Panel, Sideways, useSettled } from "../ui";
import { BulkRoles } from "./BulkRoles";
import { MEMBERS } from "./MemberDialogs";
import { MemberRow } from "./MemberRow";

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
  const [selected, select] = useState<ReadonlyMap<string, Member>>(new Map());
  const mayManage = me.permissions.includes("people:manage");
  const asked = useSettled(search.trim());
  const ask = { page, page_size: PAGE_SIZE, search: asked, role, ...(status && { status }) };
  const query = useQuery({ queryKey: [...MEMBERS, ask], queryFn: ({ signal }) => people.list(ask, signal), placeholderData: keepPreviousData });
  const roles = useQuery({ queryKey: ROLES, queryFn: ({ signal }) => people.roles(signal) });
  const from = (set: (text: string) => void) => (text: string) => {
    set(text);
    setPage(1);
  };
  const turn = (members: readonly Member[], on: boolean) => {
    const ids = new Set(members.map(({ id }) => id));
    const others = [...selected.values()].filter(({ id }) => !ids.has(id));
    select(new Map([...others, ...(on ? members : [])].map((one) => [one.id, one])));
  };

  return (
    <>
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
                  <table className="cards">
                    <thead>
                      <tr>
                        {mayManage && (
                          <th className="pick st-pick">
                            <input className="chk" type="checkbox" aria-label="Select everybody on this page" checked={items.every(({ id }) => selected.has(id))} onChange={(event) => turn(items, event.target.checked)} />
                          </th>
                        )}
                        <th>Person</th>
                        <th>Roles</th>
                        <th>State</th>
                        <th>Second factor</th>
                        <th>Last seen</th>
                        <th>
                          <span className="hidden-text">Actions</span>
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {items.map((member) => (
                        <MemberRow
                          key={member.id}
                          member={member}
                          me={me}
                          roles={roles.data?.items.map(({ name }) => name) ?? member.roles}
                          selected={selected.has(member.id)}
                          onSelect={() => turn([member], !selected.has(member.id))}
                        />
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
      {selected.size > 0 && <BulkRoles selected={[...selected.values()]} roles={roles.data?.items.map(({ name }) => name) ?? []} onClear={() => select(new Map())} />}
    </>
  );
}
