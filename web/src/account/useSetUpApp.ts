/** Setting up an authenticator app: who one is, then the key, then its first code. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { factors, ProblemError, type AppKey } from "../api";
import { useAgain, type Again } from "./useAgain";

export interface SetUpApp {
  again: Again;
  key: AppKey | undefined;
  /** Backup codes, once the first code was right. */
  codes: readonly string[] | undefined;
  code: string;
  setCode: (code: string) => void;
  codeFault: string | undefined;
  /** Why there is no key. */
  keyFault: Error | undefined;
  busy: boolean;
  /** Why there is nothing to be sent yet. */
  lacks: string | false;
  /** Ask for the key, or send what was typed. */
  go: () => void;
  reset: () => void;
}

export function useSetUpApp(): SetUpApp {
  const [code, setCode] = useState("");
  const begin = useAgain(factors.setUp);
  const enable = useMutation({ mutationFn: () => factors.enable(code) });
  const refusal = enable.error instanceof ProblemError ? enable.error : null;
  const lacks = begin.data ? !code.trim() && "Enter the app’s code" : begin.again.asks && !begin.again.password && "Enter your password";
  return {
    again: begin.again,
    key: begin.data,
    codes: enable.data?.backup_codes,
    code,
    setCode: (text) => {
      if (enable.isError) enable.reset();
      setCode(text);
    },
    codeFault: refusal?.of("code") ?? enable.error?.message,
    keyFault: begin.fault,
    busy: begin.isPending || enable.isPending,
    lacks,
    go: () => {
      if (lacks || begin.isPending || enable.isPending) return;
      if (begin.data) enable.mutate();
      else begin.mutate();
    },
    reset: () => {
      setCode("");
      begin.reset();
      enable.reset();
    },
  };
}
