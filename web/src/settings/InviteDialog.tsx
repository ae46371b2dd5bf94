/** Invite many by mail at once; what became of each address is shown. */
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { invitations, type InvitationOutcome, type User } from "../api";
import { Button, counted, Dialog, Fault, Sideways } from "../ui";
import { GrantFields } from "./GrantFields";
import { addressesIn, grantBody, MOST_AT_ONCE, NOTHING_SAID, outcomeWords } from "./inviting";
import { useSave } from "./useSave";

export const INVITATIONS = ["invitations"] as const;

export interface InviteProps {
  me: User;
  /** The team that it is for; without one that is chosen. */
  team?: { id: string; name: string; makesOwners: boolean } | undefined;
  onClose: () => void;
}

export function InviteDialog({ me, team, onClose }: InviteProps): ReactElement {
  const [text, setText] = useState("");
  const [grant, setGrant] = useState({ ...NOTHING_SAID, team: team?.id ?? "" });
  const id = useId();
  const found = addressesIn(text);
  const invite = useSave({ send: () => invitations.invite({ emails: found, ...grantBody(grant) }), renews: INVITATIONS });
  if (invite.data) return <Outcomes items={invite.data.items} onAgain={invite.reset} onClose={onClose} />;

  const lacks = found.length === 0 ? "Enter an address" : found.length > MOST_AT_ONCE && `At most ${MOST_AT_ONCE} at once`;
  const fault = invite.refused ?? invite.fault("emails") ?? invite.fault("role") ?? invite.fault("team_role");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!lacks) invite.mutate();
  };
  return (
    <Dialog title={team ? `Invite people to ${team.name}` : "Invite people"} onClose={onClose}>
      <form id="invite" className="dlg-b dlg-form" onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={id}>Addresses</label>
          <textarea id={id} className="inp st-addresses" rows={5} spellCheck={false} autoCapitalize="off" placeholder={"mara@harbour.example\nTomas Okoro <tomas@harbour.example>"} aria-describedby={`${id}-help`} value={text} onChange={(event) => setText(event.target.value)} />
          <span className="hint" id={`${id}-help`}>
            {found.length === 0 ? "One a line, or with commas. Each gets a mail with a link of its own." : `${counted(found.length, "address", "addresses")} of at most ${MOST_AT_ONCE}.`}
          </span>
        </div>
        <GrantFields me={me} grant={grant} isForTeam={team !== undefined} makesOwners={team?.makesOwners ?? false} onGrant={setGrant} />
        {fault && <Fault>{fault}</Fault>}
      </form>
      <footer className="dlg-f">
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit form="invite" busy={invite.isPending} offBecause={lacks}>
          Send invitations
        </Button>
      </footer>
    </Dialog>
  );
}

function Outcomes({ items, onAgain, onClose }: { items: readonly InvitationOutcome[]; onAgain: () => void; onClose: () => void }): ReactElement {
  const done = items.filter(({ outcome }) => outcome === "invited").length;
  return (
    <Dialog key="outcomes" title={`${done} of ${counted(items.length, "address", "addresses")} invited`} onClose={onClose}>
      <div className="dlg-b st-outcomes">
        <Sideways label="What became of each">
          <table>
            <thead>
              <tr>
                <th>Address</th>
                <th>Outcome</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ email, outcome }) => (
                <tr key={email}>
                  <td className="b6 t1 st-wrap">{email}</td>
                  <td>{outcome === "invited" ? outcomeWords(outcome) : <span className="bdg warn">{outcomeWords(outcome)}</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Sideways>
      </div>
      <footer className="dlg-f">
        <span className="grow" />
        <Button onClick={onAgain}>Invite more</Button>
        <Button kind="primary" data-first onClick={onClose}>
          Done
        </Button>
      </footer>
    </Dialog>
  );
}
