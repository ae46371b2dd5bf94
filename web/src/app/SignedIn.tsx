/** Shows its content to whoever is signed in; anyone else goes to sign in, or to the first run. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, type ReactElement } from "react";
import { Redirect, useLocation } from "wouter";
import { auth, isProblem, onSignedOut, type Me } from "../api";
import { Failure } from "../ui";
import { ME, useMe } from "./queries";
import { Waiting } from "./Waiting";

const SetUpFirst = lazy(() => import("../account").then((part) => ({ default: part.SetUpFirst })));

export function SignedIn({ children }: { children: (me: Me) => ReactElement }): ReactElement {
  const me = useMe();
  const client = useQueryClient();
  const nobody = isProblem(me.error) && me.error.status === 401;

  // Some other question was answered with "sign in first": ask again who is here.
  useEffect(
    () => onSignedOut(() => void client.invalidateQueries({ queryKey: ME, predicate: (query) => query.state.status === "success" })),
    [client],
  );

  if (nobody) return <Elsewhere />;
  if (me.data) return <Settled me={me.data}>{children}</Settled>;
  if (me.error) {
    return (
      <main className="main" id="content">
        <div style={{ margin: "auto", width: 420, maxWidth: "calc(100% - 32px)" }}>
          <Failure title="AutoGraph does not answer" error={me.error} retry={() => void me.refetch()} />
        </div>
      </main>
    );
  }
  return <Waiting />;
}

const DOOR_MS = 500;
const DOOR_TRIES = 8;

/** Where a second factor is wanted of everybody, whoever lacks it sets one up before anything else. */
function Settled({ me, children }: { me: Me; children: (me: Me) => ReactElement }): ReactElement {
  const client = useQueryClient();
  // Stays until the backup codes are kept, also when the server is satisfied before that.
  const [stage, setStage] = useState<"first" | "opening" | "in">(me.mfa_setup_required ? "first" : "in");
  if (me.mfa_setup_required && stage === "in") setStage("first");
  if (stage === "in") return children(me);
  if (stage === "opening") return <Waiting />;
  const onDone = async () => {
    setStage("opening");
    // Every service knows within three seconds what this session may do from now on.
    for (let tries = 0; tries < DOOR_TRIES; tries += 1) {
      const now = await client.fetchQuery({ queryKey: ME, queryFn: () => auth.me(), staleTime: 0 });
      if (now.user.permissions.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, DOOR_MS));
    }
    setStage("in");
  };
  return (
    <Suspense fallback={<Waiting />}>
      <SetUpFirst me={me.user} onDone={() => void onDone().catch(() => location.reload())} />
    </Suspense>
  );
}

function Elsewhere(): ReactElement {
  const [path] = useLocation();
  const firstRun = useQuery({ queryKey: ["first-run"], queryFn: ({ signal }) => auth.firstRun(signal) });
  if (firstRun.isPending) return <Waiting />;
  if (firstRun.data?.needed) return <Redirect to="/first-run" replace />;
  const wanted = path + location.search;
  return <Redirect to={wanted === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`} replace />;
}
