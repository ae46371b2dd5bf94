/** A link by which some may come in: made, and shown this once. */
import { useState, type FormEvent, type ReactElement } from "react";
import { invitations } from "../api";
import { Button, counted, Dialog, Fault, Field } from "../ui";
import { Secret } from "./ApiKeys";
import { GrantFields } from "./GrantFields";
import { INVITATIONS, type InviteProps } from "./InviteDialog";
import { dayOf, grantBody, NOTHING_SAID } from "./inviting";
import { useSave } from "./useSave";

const MOST_USES = 1000;

export function InviteLinkDialog({ me, team, onClose }: InviteProps): ReactElement {
  const [uses, setUses] = useState("1");
  const [grant, setGrant] = useState({ ...NOTHING_SAID, team: team?.id ?? "" });
  const make = useSave({ send: () => invitations.makeLink({ uses: Number(uses), ...grantBody(grant) }), renews: INVITATIONS });
  if (make.data) {
    const { link, uses_left, expires_at } = make.data;
    return (
      <Dialog key="made" title="The invitation link" onClose={onClose}>
        <div className="dlg-b dlg-form">
          <p>
            Copy it now: it is not shown again. {counted(uses_left, "person", "people")} may come in by it, until {dayOf(expires_at)}.
          </p>
          <Secret text={link} label="Invitation link" />
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
  const isNumber = /^\d+$/u.test(uses) && Number(uses) >= 1 && Number(uses) <= MOST_USES;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isNumber) make.mutate();
  };
  return (
    <Dialog title={team ? `Make a link to ${team.name}` : "Make an invitation link"} onClose={onClose}>
      <form id="invite-link" className="dlg-b dlg-form" onSubmit={submit} noValidate>
        <Field label="How many may use it" inputMode="numeric" maxLength={4} value={uses} fault={isNumber ? make.fault("uses") : `A number from 1 to ${MOST_USES}`} hint="A link is for anybody who has it: keep it few." onText={setUses} />
        <GrantFields me={me} grant={grant} isForTeam={team !== undefined} makesOwners={team?.makesOwners ?? false} onGrant={setGrant} />
        {(make.refused ?? make.fault("role") ?? make.fault("team_role")) && <Fault>{make.refused ?? make.fault("role") ?? make.fault("team_role")}</Fault>}
      </form>
      <footer className="dlg-f">
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit form="invite-link" busy={make.isPending} offBecause={!isNumber && "Say how many"}>
          Make link
        </Button>
      </footer>
    </Dialog>
  );
}
