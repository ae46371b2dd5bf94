/** The rules that are judged, folded: what each means, how it stands, and after how long it fires. */
import type { ReactElement } from "react";
import { counted } from "../../ui";
import { lasting } from "../figures";
import type { Rule } from "./alert";

const TONES = { firing: "bdg bad", pending: "bdg warn", inactive: "t3", unknown: "t3" } as const;

export function Rules({ rules }: { rules: readonly Rule[] }): ReactElement {
  return (
    <details className="op-fold">
      <summary>All {counted(rules.length, "rule")}</summary>
      <ul className="op-lines">
        {rules.map((rule) => (
          <li key={rule.name} className="row" title={rule.advice}>
            <span className="grow">
              {rule.summary}{" "}
              <span className="t3 f12">
                {rule.severity}, {rule.for_seconds > 0 ? `after ${lasting(rule.for_seconds)}` : "at once"}
              </span>
            </span>
            <span className={rule.severity === "info" ? "t3" : TONES[rule.state]}>{rule.state === "inactive" ? "quiet" : rule.state === "unknown" ? "not measured" : rule.state}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
