/** The pages that links in mails lead to: one button, so that whatever looks at mails before people do uses nothing up. */
import { useMutation } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Link } from "wouter";
import { auth } from "../api";
import { Button, Fault } from "../ui";
import { AuthPage } from "./AuthPage";

interface Purpose {
  title: string;
  text: string;
  act: string;
  done: string;
  send: (token: string) => Promise<unknown>;
}

const PURPOSES = {
  verify: {
    title: "Confirm your email address",
    text: "Your account is ready once you confirm that this address is yours.",
    act: "Confirm address",
    done: "Your address is confirmed. Sign in with it now.",
    send: auth.verify,
  },
  unlock: {
    title: "Unlock your account",
    text: "It was locked after too many wrong sign-ins. Nobody got in.",
    act: "Unlock account",
    done: "Your account is open again. If you do not know the password, choose a new one.",
    send: auth.unlock,
  },
  email: {
    title: "Confirm your new email address",
    text: "From then on you sign in with it, and your old address hears of it.",
    act: "Use this address",
    done: "Your account has its new address. Sign in with it.",
    send: auth.confirmAddress,
  },
} satisfies Record<string, Purpose>;

/** What stands behind the # of a link: no server and no log ever sees it. */
export function linkSecret(): string {
  return location.hash.slice(1);
}

export function SecretLink({ purpose }: { purpose: keyof typeof PURPOSES }): ReactElement {
  const { title, text, act, done, send } = PURPOSES[purpose];
  const use = useMutation({ mutationFn: () => send(linkSecret()) });
  return (
    <AuthPage title={use.isSuccess ? "Done" : title}>
      <div className="done">
        <div>
          <h1>{use.isSuccess ? "Done" : title}</h1>
          <p role={use.isSuccess ? "status" : undefined}>{use.isSuccess ? done : text}</p>
        </div>
        {use.error && <Fault>{use.error.message}</Fault>}
        {use.isSuccess ? (
          <Link href="/sign-in" className="btn primary l block">
            Sign in
          </Link>
        ) : (
          <Button kind="primary" size="l" className="block" busy={use.isPending} onClick={() => use.mutate()}>
            {act}
          </Button>
        )}
      </div>
    </AuthPage>
  );
}
