/** A failure in the place where it happened: what failed, what to do, and the number to quote. */
import { TriangleAlert } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { ProblemError } from "../api";
import { Button } from "./Button";
import { Icon } from "./Icon";

interface FailureProps {
  title: string;
  error?: unknown;
  children?: ReactNode;
  retry?: () => void;
  retryLabel?: string;
}

export function Failure({ title, error, children, retry, retryLabel = "Try again" }: FailureProps): ReactElement {
  const problem = error instanceof ProblemError ? error : null;
  return (
    <section className="fail" role="alert">
      <Icon of={TriangleAlert} size={20} />
      <h2>{title}</h2>
      {problem && <p>{problem.message}</p>}
      {children && <p>{children}</p>}
      {problem?.correlationId && (
        <p className="f12">
          Reference for the server's log: <span className="mono">{problem.correlationId}</span>
        </p>
      )}
      {retry && (
        <div className="row">
          <Button onClick={retry}>{retryLabel}</Button>
        </div>
      )}
    </section>
  );
}
