/** Roles: which there are, what they allow, and the installation's own. */
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type FormEvent, type ReactElement } from "react";
import { people, type Role, type RoleList, type User } from "../api";
import { Answer, Button, Dialog, Fault, Field, Panel, Sideways } from "../ui";
import { useSave } from "./useSave";

const ROLES = ["roles"] as const;

export function Roles({ me }: { me: User }): ReactElement {
  const query = useQuery({ queryKey: ROLES, queryFn: ({ signal }) => people.roles(signal) });
  const [open, setOpen] = useState<Role | "new">();
  return (
    <Panel
      title="Roles"
      note="Changes hold within seconds"
      action={
        <Button size="s" kind="primary" icon={Plus} offBecause={!query.data && "Waiting for the list"} onClick={() => setOpen("new")}>
          New role
        </Button>
      }
    >
      <Answer of={query}>
        {(list) => (
          <>
            <Sideways label="Roles">
              <table className="cards">
                <thead>
                  <tr>
                    <th>Role</th>
                    <th>What for</th>
                    <th className="num">May do</th>
                    <th>
                      <span className="hidden-text">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {list.items.map((role) => (
                    <tr key={role.name}>
                      <td className="b6 t1">{role.name}</td>
                      <td>{role.description}</td>
                      <td className="num" title={role.permissions.join(", ")}>
                        {role.permissions.length} of {list.permissions.length}
                      </td>
                      <td className="num">
                        <Button size="s" aria-label={`${role.is_built_in ? "View" : "Edit"} the role ${role.name}`} onClick={() => setOpen(role)}>
                          {role.is_built_in ? "View" : "Edit"}
                        </Button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Sideways>
            {open && <RoleDialog me={me} list={list} role={open === "new" ? undefined : open} onClose={() => setOpen(undefined)} />}
          </>
        )}
      </Answer>
    </Panel>
  );
}

function RoleDialog({ me, list, role, onClose }: { me: User; list: RoleList; role: Role | undefined; onClose: () => void }): ReactElement {
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<readonly Role["permissions"][number][]>(role?.permissions ?? []);
  const fixed = role?.is_built_in ?? false;
  const send = async () => {
    const changes = { description, permissions: [...chosen] };
    await (role ? people.changeRole(role.name, changes) : people.makeRole({ name: name.trim(), ...changes }));
  };
  const save = useSave({ send, done: "The role is saved.", renews: ROLES, then: onClose });
  const remove = useSave({ send: () => people.removeRole(role?.name ?? ""), done: "The role is removed.", renews: ROLES, then: onClose });
  const begin = (template: Role) => {
    setName(template.name);
    setDescription(template.description);
    setChosen(template.permissions);
  };
  const turn = (one: (typeof chosen)[number]) => setChosen(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!fixed && chosen.length > 0) save.mutate();
  };

  return (
    <Dialog title={role ? `The role ${role.name}` : "New role"} onClose={onClose}>
      <form id="role" className="dlg-b dlg-form" onSubmit={submit} noValidate>
        {!role && (
          <div className="row">
            <span className="t3 f12">Begin as</span>
            {list.templates.map((template) => (
              <Button key={template.name} size="xs" onClick={() => begin(template)}>
                {template.name}
              </Button>
            ))}
          </div>
        )}
        {!role && <Field label="Name" mono value={name} maxLength={50} spellCheck={false} placeholder="release-manager" fault={save.fault("name")} hint="Small letters, digits and dashes." onText={setName} />}
        {!fixed && <Field label="What for" value={description} maxLength={300} fault={save.fault("description")} onText={setDescription} />}
        <fieldset className="st-choices" disabled={fixed}>
          <legend>May</legend>
          {list.permissions.map((one) => (
            <label key={one.name}>
              <input className="chk" type="checkbox" checked={chosen.includes(one.name)} disabled={fixed || !me.permissions.includes(one.name)} onChange={() => turn(one.name)} />
              <span>
                {one.description}
                <span className="t3 f12 mono">{one.name}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {(save.refused ?? save.fault("permissions") ?? remove.refused) && <Fault>{save.refused ?? save.fault("permissions") ?? remove.refused}</Fault>}
      </form>
      <footer className="dlg-f">
        {role && !fixed && (
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove role
          </Button>
        )}
        <span className="grow" />
        <Button onClick={onClose}>{fixed ? "Close" : "Cancel"}</Button>
        {!fixed && (
          <Button kind="primary" submit form="role" busy={save.isPending} offBecause={(chosen.length === 0 || (!role && !name.trim())) && "Give it a name, and something it may do"}>
            Save role
          </Button>
        )}
      </footer>
    </Dialog>
  );
}
