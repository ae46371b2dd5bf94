/** Teams: those one is in, and for who looks after all of them every one. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowLeft, Plus } from "lucide-react";
import { useState, type ReactElement } from "react";
import { teams, type Team, type TeamMember, type TeamRole, type User } from "../api";
import { Answer, Avatar, Button, counted, Fault, Field, FormDialog, Nothing, Pager, Panel, Sideways, usePageTitle } from "../ui";
import { Invitations } from "./Invitations";
import { useSave } from "./useSave";

const TEAMS = ["teams"] as const;
const ROLES: readonly TeamRole[] = ["owner", "admin", "member", "guest"];

export function Teams({ me }: { me: User }): ReactElement {
  const [open, setOpen] = useState<string>();
  return open ? <OneTeam me={me} id={open} onBack={() => setOpen(undefined)} /> : <List me={me} onOpen={setOpen} />;
}

function List({ me, onOpen }: { me: User; onOpen: (id: string) => void }): ReactElement {
  usePageTitle("Teams");
  const [page, setPage] = useState(1);
  const [making, setMaking] = useState(false);
  const all = me.permissions.includes("teams:manage");
  const query = useQuery({ queryKey: [...TEAMS, "list", page], queryFn: ({ signal }) => teams.list(all, page, signal), placeholderData: keepPreviousData });
  return (
    <Panel
      title={all ? "All teams" : "My teams"}
      note={query.data && counted(query.data.total, "team")}
      action={
        me.permissions.includes("teams:make") && (
          <Button size="s" kind="primary" icon={Plus} onClick={() => setMaking(true)}>
            New team
          </Button>
        )
      }
    >
      <Answer of={query}>
        {({ items, total, page_size }) =>
          items.length === 0 ? (
            <Nothing>No teams yet. A team is who works on the same systems.</Nothing>
          ) : (
            <>
              <Sideways label="Teams">
                <table className="cards">
                  <thead>
                    <tr>
                      <th>Team</th>
                      <th>What for</th>
                      <th className="num">People</th>
                      <th>You are</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((team) => (
                      <tr key={team.id}>
                        <td>
                          <button type="button" className="linkish b6" onClick={() => onOpen(team.id)}>
                            {team.name}
                          </button>
                        </td>
                        <td>{team.description}</td>
                        <td className="num">{team.members}</td>
                        <td>{team.role ?? <span className="t3">not in it</span>}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Sideways>
              <Pager page={page} pageSize={page_size} total={total} onPage={setPage} />
            </>
          )
        }
      </Answer>
      {making && <NewTeam onClose={() => setMaking(false)} onMade={(team) => onOpen(team.id)} />}
    </Panel>
  );
}

function NewTeam({ onClose, onMade }: { onClose: () => void; onMade: (team: Team) => void }): ReactElement {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const make = useSave({ send: () => teams.make(name.trim(), description.trim()), renews: TEAMS, then: onMade });
  return (
    <FormDialog title="New team" size="form" act="Make team" busy={make.isPending} lacks={!name.trim() && "Give it a name"} onSend={make.mutate} onClose={onClose}>
      <Field label="Name" value={name} maxLength={100} fault={make.fault("name") ?? make.refused} onText={setName} />
      <Field label="What for" value={description} maxLength={300} fault={make.fault("description")} onText={setDescription} />
    </FormDialog>
  );
}

function OneTeam({ me, id, onBack }: { me: User; id: string; onBack: () => void }): ReactElement {
  const [page, setPage] = useState(1);
  const [removing, setRemoving] = useState(false);
  const query = useQuery({ queryKey: [...TEAMS, id, page], queryFn: ({ signal }) => teams.members(id, page, signal), placeholderData: keepPreviousData });
  const list = useQuery({ queryKey: [...TEAMS, "one", id], queryFn: ({ signal }) => teams.one(id, signal) });
  const leave = useSave({ send: () => teams.takeOut(id, me.id), done: "You have left the team.", renews: TEAMS, then: onBack });
  const team = list.data;
  usePageTitle(team?.name ?? "Team");
  const leads = me.permissions.includes("teams:manage") || team?.role === "owner" || team?.role === "admin";
  return (
    <>
      <Panel
        title={team?.name ?? "Team"}
        note={team?.description}
        action={
          <Button size="s" icon={ArrowLeft} onClick={onBack}>
            All teams
          </Button>
        }
      >
        <Answer of={query}>
          {({ items, total, page_size }) => (
            <>
              <Sideways label="Members">
                <table className="cards">
                  <thead>
                    <tr>
                      <th>Person</th>
                      <th>In the team</th>
                      <th>
                        <span className="hidden-text">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((member) => (
                      <MemberRow key={member.user_id} team={id} member={member} leads={leads} isMe={member.user_id === me.id} />
                    ))}
                  </tbody>
                </table>
              </Sideways>
              <Pager page={page} pageSize={page_size} total={total} onPage={setPage} />
            </>
          )}
        </Answer>
        <div className="st-foot">
          {team?.role && (
            <Button kind="danger" busy={leave.isPending} onClick={() => leave.mutate()}>
              Leave team
            </Button>
          )}
          {(team?.role === "owner" || me.permissions.includes("teams:manage")) && (
            <Button kind="danger" onClick={() => setRemoving(true)}>
              Remove team
            </Button>
          )}
          {leave.refused && <Fault>{leave.refused}</Fault>}
        </div>
        {removing && team && <RemoveTeam team={team} onClose={() => setRemoving(false)} onRemoved={onBack} />}
      </Panel>
      {team && leads && <Invitations me={me} team={{ id, name: team.name, makesOwners: team.role === "owner" || me.permissions.includes("teams:manage") }} />}
    </>
  );
}

function MemberRow({ team, member, leads, isMe }: { team: string; member: TeamMember; leads: boolean; isMe: boolean }): ReactElement {
  const save = useSave({ send: (role: TeamRole) => teams.setRole(team, member.user_id, role), renews: TEAMS });
  const out = useSave({ send: () => teams.takeOut(team, member.user_id), done: `${member.name} is out of the team.`, renews: TEAMS });
  return (
    <tr>
      <td>
        <span className="row">
          <Avatar name={member.name} id={member.user_id} />
          <span className="st-person">
            <span className="b6 t1 trunc">
              {member.name}
              {isMe && <span className="t3"> (you)</span>}
            </span>
            <span className="t3 f12 trunc">{member.email ?? "guest"}</span>
          </span>
        </span>
      </td>
      <td>
        {leads ? (
          <select className="select" aria-label={`What ${member.name} is in the team`} value={member.role} disabled={save.isPending} onChange={(event) => save.mutate(event.target.value as TeamRole)}>
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        ) : (
          member.role
        )}
        {(save.refused ?? save.fault("role") ?? out.refused) && <Fault>{save.refused ?? save.fault("role") ?? out.refused}</Fault>}
      </td>
      <td className="num">
        {leads && !isMe && (
          <Button size="s" kind="danger" busy={out.isPending} aria-label={`Take ${member.name} out of the team`} onClick={() => out.mutate()}>
            Take out
          </Button>
        )}
      </td>
    </tr>
  );
}

function RemoveTeam({ team, onClose, onRemoved }: { team: Team; onClose: () => void; onRemoved: () => void }): ReactElement {
  const remove = useSave({ send: () => teams.remove(team.id), done: `${team.name} is removed.`, renews: TEAMS, then: onRemoved });
  return (
    <FormDialog title={`Remove ${team.name}?`} act="Remove team" danger busy={remove.isPending} onSend={remove.mutate} onClose={onClose}>
      <p>Its {counted(team.members, "member")} keep their accounts and documents.</p>
      {remove.refused && <Fault>{remove.refused}</Fault>}
    </FormDialog>
  );
}
