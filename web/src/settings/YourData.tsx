/** All that is one's own: taken along, or erased with the account. */
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState, type ReactElement } from "react";
import { ownData, type ErasureProspect, type User } from "../api";
import { Answer, Button, Icon, Panel } from "../ui";
import { EraseDialog } from "./EraseDialog";
import { useTeammates, type Teammate } from "./useTeammates";

export function YourData({ me }: { me: User }): ReactElement {
  const [erasing, setErasing] = useState(false);
  const prospect = useQuery({ queryKey: ["erasure"], queryFn: ({ signal }) => ownData.prospect(signal) });
  const teammates = useTeammates(me);
  return (
    <>
      <Panel title="Take your data along" note="Everything of yours in one archive">
        <p className="st-text">Your documents with every version, your account, sessions, keys, teams, and what the audit log says of you. A mail tells you that it was downloaded.</p>
        <div className="st-foot">
          <a className="btn" href={ownData.exportAddress} download>
            <Icon of={Download} />
            Download archive
          </a>
        </div>
      </Panel>
      <Panel title="Erase your account" note="For good">
        <Answer of={prospect}>
          {(found) => (
            <>
              <p className="st-text">You are signed out everywhere, and nobody can bring the account back. Your documents are removed, or go to somebody in one of your teams.</p>
              <Consequences of={found} teammates={teammates} />
              <div className="st-foot">
                <Button kind="danger" offBecause={found.is_last_administrator && "You are the last administrator: make somebody else one first"} onClick={() => setErasing(true)}>
                  Erase account
                </Button>
                {found.is_last_administrator && <span className="t3 f12">You are the last administrator. Make somebody else one first.</span>}
              </div>
              {erasing && <EraseDialog prospect={found} teammates={teammates} onClose={() => setErasing(false)} />}
            </>
          )}
        </Answer>
      </Panel>
    </>
  );
}

function Consequences({ of: { teams, stays }, teammates }: { of: ErasureProspect; teammates: readonly Teammate[] }): ReactElement {
  const called = new Map(teammates.map(({ id, name }) => [id, name]));
  return (
    <div className="st-stays">
      {teams.length > 0 && (
        <>
          <h3>Teams that you alone own</h3>
          <ul>
            {teams.map(({ team_id, name, heir }) => (
              <li key={team_id}>{heir ? `${name} goes to ${called.get(heir) ?? "whoever follows in it"}.` : `${name} is removed: nobody else is in it.`}</li>
            ))}
          </ul>
        </>
      )}
      <h3>What stays</h3>
      <ul>
        {stays.map(({ what, says, days }) => (
          <li key={what}>
            {says}
            {days !== null && <span className="t3"> For {days === 1 ? "a day" : `${days} days`}.</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
