/** Something for which the server wants to know once more who one is: by a fresh session, else by the password. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isProblem } from "../api";

export interface Again {
  /** The session was too old: the password is wanted. */
  asks: boolean;
  password: string;
  setPassword: (password: string) => void;
  /** Why the password was refused. */
  fault: string | undefined;
}

export function useAgain<Got>(send: (password: string) => Promise<Got>, then?: (got: Got) => void) {
  const [asks, ask] = useState(false);
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => send(password),
    onSuccess: (got) => {
      setPassword("");
      then?.(got);
    },
    onError: (error) => {
      if (isProblem(error, "session-too-old")) ask(true);
    },
  });
  const wrong = isProblem(change.error, "wrong-credentials") ? change.error : undefined;
  const isTooOld = isProblem(change.error, "session-too-old");
  const again: Again = {
    asks,
    password,
    setPassword: (text) => {
      if (change.isError) change.reset();
      setPassword(text);
    },
    fault: wrong?.message,
  };
  /** Why it was refused, but for the password. */
  const fault = wrong || isTooOld ? undefined : (change.error ?? undefined);
  return { ...change, again, fault };
}
