/** Shows its content to whoever is signed in; anyone else goes to sign in, or to the first run. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, type ReactElement } from "react";
import { Redirect, useLocation } from "wouter";
import { auth, isProblem, onSignedOut, type Me } from "../api";
import { Failure } from "../ui";
import { ME, useMe } from "./queries";
import { Waiting } from "./Waiting";

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
  if (me.data) return children(me.data);
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

function Elsewhere(): ReactElement {
  const [path] = useLocation();
  const firstRun = useQuery({ queryKey: ["first-run"], queryFn: ({ signal }) => auth.firstRun(undefined, signal) });
  if (firstRun.isPending) return <Waiting />;
  if (firstRun.data?.needed) return <Redirect to="/first-run" replace />;
  const wanted = path + location.search;
  return <Redirect to={wanted === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`} replace />;
}
