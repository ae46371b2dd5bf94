/** The authenticator app: set up, its backup codes made anew, removed. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { AppFields, useSetUpApp, type SetUpApp } from "../account";
import { factors, type User } from "../api";
import { Answer, Button, counted, Dialog, Panel } from "../ui";
import { CodesDialog, FACTORS, NewCodes, RemoveApp } from "./AppDialogs";

const FEW = 3;

export function AuthenticatorApp({ me }: { me: User }): ReactElement {
  const [open, setOpen] = useState<"set-up" | "codes" | "remove">();
  const query = useQuery({ queryKey: FACTORS, queryFn: ({ signal }) => factors.standing(signal) });
  const app = useSetUpApp();
  const client = useQueryClient();
  const close = () => {
    setOpen(undefined);
    app.reset();
    void client.invalidateQueries({ queryKey: FACTORS });
  };
  const setUp = () => {
    app.go();
    setOpen("set-up");
  };
  return (
    <Panel title="Authenticator app" note={query.data?.is_required ? "Everybody needs a second factor here" : "A code of your phone besides the password"}>
      <Answer of={query}>
        {({ totp_enabled, backup_codes_left }) =>
          totp_enabled ? (
            <>
              <p className="st-text">
                <span className="b6 t1">On.</span> {counted(backup_codes_left, "backup code")} left.{" "}
                {backup_codes_left < FEW && <span className="bdg warn">Make new ones soon</span>}
              </p>
              <div className="st-foot">
                <Button onClick={() => setOpen("codes")}>Make new backup codes</Button>
                <Button kind="danger" onClick={() => setOpen("remove")}>
                  Remove app
                </Button>
              </div>
            </>
          ) : (
            <>
              <p className="st-text">Off. With it, whoever learns your password alone does not come in.</p>
              <div className="st-foot">
                <Button onClick={setUp}>Set up app</Button>
              </div>
            </>
          )
        }
      </Answer>
      {open === "set-up" && <SetUp app={app} me={me} onClose={close} />}
      {open === "codes" && <NewCodes me={me} onClose={close} />}
      {open === "remove" && <RemoveApp onClose={close} />}
    </Panel>
  );
}

function SetUp({ app, me, onClose }: { app: SetUpApp; me: User; onClose: () => void }): ReactElement {
  if (app.codes) return <CodesDialog codes={app.codes} me={me} said="The app is set up; your other sessions were ended." onDone={onClose} />;
  return (
    <Dialog title="Set up authenticator app" onClose={onClose}>
      <form
        id="set-up-app"
        className="dlg-b dlg-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          app.go();
        }}
      >
        <AppFields of={app} />
      </form>
      <footer className="dlg-f">
        <span className="grow" />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit form="set-up-app" busy={app.busy} offBecause={app.lacks}>
          {app.key ? "Set up app" : "Go on"}
        </Button>
      </footer>
    </Dialog>
  );
}
