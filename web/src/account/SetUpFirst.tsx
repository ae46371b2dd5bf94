/** Where everybody needs a second factor: a session without one sets one up here, and sees nothing else before. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Fingerprint, Smartphone } from "lucide-react";
import { useState, type ReactElement } from "react";
import { auth, factors, passkeys, type User } from "../api";
import { Button, Fault } from "../ui";
import { AppFields } from "./AppFields";
import { AuthPage } from "./AuthPage";
import { Kept } from "./Enrol";
import { canUsePasskeys } from "./passkey";
import { PasskeyForm } from "./PasskeyForm";
import { useSetUpApp } from "./useSetUpApp";

export function SetUpFirst({ me, onDone }: { me: User; onDone: () => void }): ReactElement {
  const [way, setWay] = useState<"app" | "passkey">();
  const app = useSetUpApp();
  if (app.codes) return <Kept codes={app.codes} email={me.email} onDone={onDone} />;
  const back = () => {
    app.reset();
    setWay(undefined);
  };
  return (
    <AuthPage title="Set up a second factor">
      <div className="done">
        <div>
          <h1>Set up a second factor</h1>
          <p>Everybody needs one here besides a password. Everything else opens after that.</p>
        </div>
        {way === undefined && (
          <Ways
            onApp={() => {
              app.go();
              setWay("app");
            }}
            onPasskey={() => setWay("passkey")}
          />
        )}
        {way === "app" && (
          <form
            className="plain"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              app.go();
            }}
          >
            <AppFields of={app} large />
            <Button kind="primary" size="l" className="block" submit busy={app.busy} offBecause={app.lacks}>
              {app.key ? "Set up app" : "Go on"}
            </Button>
          </form>
        )}
        {way === "passkey" && (
          <PasskeyForm id="first-passkey" by={passkeys} className="plain" large onAdded={onDone}>
            {({ busy, lacks }) => (
              <Button kind="primary" size="l" className="block" submit form="first-passkey" busy={busy} offBecause={lacks}>
                Add passkey
              </Button>
            )}
          </PasskeyForm>
        )}
        {way && (
          <Button kind="ghost" onClick={back}>
            Choose another way
          </Button>
        )}
        <SignOut />
      </div>
    </AuthPage>
  );
}

function Ways({ onApp, onPasskey }: { onApp: () => void; onPasskey: () => void }): ReactElement {
  const standing = useQuery({ queryKey: ["factors"], queryFn: ({ signal }) => factors.standing(signal) });
  return (
    <>
      <Button size="l" className="block" icon={Smartphone} onClick={onApp}>
        Authenticator app
      </Button>
      {standing.data?.passkeys_available && canUsePasskeys() && (
        <Button size="l" className="block" icon={Fingerprint} onClick={onPasskey}>
          Passkey
        </Button>
      )}
      <p className="t3 f12">An app on your phone shows a new code every 30 seconds. A passkey is kept by this device, your phone or a security key.</p>
    </>
  );
}

function SignOut(): ReactElement {
  // The whole page is loaded anew: nothing of this session stays.
  const leave = useMutation({ mutationFn: () => auth.signOut(), onSuccess: () => location.assign("/sign-in") });
  return (
    <>
      {leave.error && <Fault>{leave.error.message}</Fault>}
      <Button kind="ghost" busy={leave.isPending} onClick={() => leave.mutate()}>
        Sign out
      </Button>
    </>
  );
}
