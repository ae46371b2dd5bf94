/** Sign in: by password, passkey or provider, then with a second factor where one is wanted. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { Redirect, useLocation } from "wouter";
import { auth, factors, type SecondStep as Step } from "../api";
import { Waiting } from "../app/Waiting";
import { forgetNext, nextAddress } from "./next";
import { PasswordStep } from "./PasswordStep";
import { providerProblem } from "./problems";
import { SecondStep } from "./SecondStep";

export function SignIn(): ReactElement {
  const [, go] = useLocation();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [step, setStep] = useState<Step | null>();
  const [why, setWhy] = useState<string>();
  const firstRun = useQuery({ queryKey: ["first-run"], queryFn: ({ signal }) => auth.firstRun(signal), retry: false });

  const search = new URLSearchParams(location.search);
  const cameBack = search.get("step") === "second";
  const provider = useQuery({ queryKey: ["after-provider"], queryFn: ({ signal }) => factors.afterProvider(signal), enabled: cameBack, staleTime: Infinity, gcTime: 0, retry: false });

  const onOpened = () => {
    const next = nextAddress(location.search);
    forgetNext();
    // Whoever was here before may have been someone else.
    client.clear();
    go(next, { replace: true });
  };

  if (firstRun.data?.needed) return <Redirect to="/first-run" replace />;
  if (cameBack && provider.isPending) return <Waiting />;
  // What a provider has begun is gone on with, unless one has turned back.
  const open = step === undefined && cameBack ? provider.data : step;
  if (open) {
    const onBack = (reason?: string) => {
      setStep(null);
      setWhy(reason);
    };
    return <SecondStep step={open} onOpened={onOpened} onBack={onBack} />;
  }
  const refused = why ?? providerProblem(search.get("problem") ?? (provider.error ? "sign-in-worthless" : null));
  return <PasswordStep email={email} onEmail={setEmail} refused={refused} registration={firstRun.data?.registration} onOpened={onOpened} onStep={setStep} />;
}
