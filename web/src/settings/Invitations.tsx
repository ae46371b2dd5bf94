/** Invitations: those to one team, or all of them; sent, sent again and withdrawn. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link2, MailPlus } from "lucide-react";
import { useState, type ReactElement } from "react";
import { invitations, type Invitation, type User } from "../api";
import { Answer, Button, counted, exactly, Fault, Nothing, Pager, Panel, Sideways } from "../ui";
import { InviteDialog, INVITATIONS, type InviteProps } from "./InviteDialog";
import { InviteLinkDialog } from "./InviteLinkDialog";
import { dayOf, leadsTo } from "./inviting";
import { useSave } from "./useSave";

export function Invitations({ me, team }: { me: User; team?: InviteProps["team"] }): ReactElement {
  const [page, setPage] = useState(1);
  const [open, setOpen] = useState<"mail" | "link">();
  const query = useQuery({ queryKey: [...INVITATIONS, team?.id, page], queryFn: ({ signal }) => invitations.list(team?.id, page, signal), placeholderData: keepPreviousData });
  const may = team !== undefined || me.permissions.includes("people:manage");
  const close = () => setOpen(undefined);
  return (
    <Panel
      title="Invitations"
      note={query.data && counted(query.data.total, "invitation")}
      action={
        may && (
          <>
            <Button size="s" icon={Link2} onClick={() => setOpen("link")}>
              Make link
            </Button>
            <Button size="s" kind={team ? "default" : "primary"} icon={MailPlus} onClick={() => setOpen("mail")}>
              Invite people
            </Button>
          </>
        )
      }
    >
      <Answer of={query}>
        {({ items, total, page_size }) =>
          items.length === 0 ? (
            <Nothing>None yet. An invitation goes by mail to one person, or as a link to some.</Nothing>
          ) : (
            <>
              <Sideways label="Invitations">
                <table className="cards">
                  <thead>
                    <tr>
                      <th>For whom, to what</th>
                      <th>From</th>
                      <th>State</th>
                      <th>
                        <span className="hidden-text">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((one) => (
                      <Row key={one.id} invitation={one} may={may || one.inviter_id === me.id} />
                    ))}
                  </tbody>
                </table>
              </Sideways>
              <Pager page={page} pageSize={page_size} total={total} onPage={setPage} />
            </>
          )
        }
      </Answer>
      {open === "mail" && <InviteDialog me={me} team={team} onClose={close} />}
      {open === "link" && <InviteLinkDialog me={me} team={team} onClose={close} />}
    </Panel>
  );
}

function Row({ invitation, may }: { invitation: Invitation; may: boolean }): ReactElement {
  const resend = useSave({ send: () => invitations.resend(invitation.id), done: "The invitation is sent again. Its earlier link is worth nothing.", renews: INVITATIONS });
  const withdraw = useSave({ send: () => invitations.withdraw(invitation.id), done: "The invitation is withdrawn.", renews: INVITATIONS });
  const { email, state } = invitation;
  const whose = email ?? "anybody with the link";
  return (
    <tr>
      <td>
        <span className="st-person st-invited" title={`${email ?? "Anybody with the link"}: ${leadsTo(invitation)}`}>
          <span className="b6 t1 trunc">{email ?? "Anybody with the link"}</span>
          <span className="t3 f12 trunc">{leadsTo(invitation)}</span>
        </span>
      </td>
      <td>
        <span className="st-by trunc">{invitation.inviter ?? "somebody who is gone"}</span>
      </td>
      <td className="nw" title={exactly(invitation.expires_at)}>
        <State of={invitation} />
        {(resend.refused ?? withdraw.refused) && <Fault>{resend.refused ?? withdraw.refused}</Fault>}
      </td>
      <td className="num nw">
        {may && (
          <span className="row st-acts">
            {email && (state === "open" || state === "expired") && (
              <Button size="s" busy={resend.isPending} aria-label={`Send again the invitation to ${email}`} onClick={() => resend.mutate()}>
                Send again
              </Button>
            )}
            {state === "open" && (
              <Button size="s" kind="danger" busy={withdraw.isPending} aria-label={`Withdraw the invitation for ${whose}`} onClick={() => withdraw.mutate()}>
                Withdraw
              </Button>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}

function State({ of: { state, email, uses_left, expires_at } }: { of: Invitation }): ReactElement {
  if (state === "used") return <>Used</>;
  if (state === "revoked") return <span className="t3">Withdrawn</span>;
  if (state === "expired") return <span className="bdg warn">Too old</span>;
  const day = dayOf(expires_at);
  return email ? <>Open until {day}</> : <>{`${uses_left} left, until ${day}`}</>;
}
