/** A password that is being chosen: the field, how good it is, and which rules it meets. */
import { Check, Circle } from "lucide-react";
import type { ReactElement } from "react";
import { Icon, PasswordField } from "../ui";
import { strength, type Rule } from "./password";

interface NewPasswordProps {
  id?: string;
  label?: string;
  value: string;
  rules: readonly Rule[];
  fault: string | undefined;
  autoFocus?: boolean;
  large?: boolean;
  onText: (text: string) => void;
  onBlur?: () => void;
}

export function NewPassword({ id = "password", label = "Password", value, rules, fault, autoFocus = false, large = true, onText, onBlur }: NewPasswordProps): ReactElement {
  const reached = strength(rules);
  return (
    <div className="field">
      <PasswordField id={id} label={label} large={large} autoComplete="new-password" maxLength={128} autoFocus={autoFocus} value={value} fault={fault} onText={onText} onBlur={onBlur} />
      <div className="pw" role="img" aria-label={`Strength ${reached} of ${rules.length}`}>
        {rules.map((rule, at) => (
          <i key={rule.text} className={at < reached ? "on" : ""} />
        ))}
      </div>
      <ul className="rules" aria-label="Rules for the password">
        {rules.map(({ text, met }) => (
          <li key={text} className={met ? "" : "no"}>
            <Icon of={met ? Check : Circle} size={14} />
            <span>
              {text}
              <span className="hidden-text">{met ? ", met" : ", not met"}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
