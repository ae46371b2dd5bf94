/** A labelled input with its help or its fault below. */
import { Eye, EyeOff, TriangleAlert } from "lucide-react";
import { useId, useState, type InputHTMLAttributes, type ReactElement, type ReactNode } from "react";
import { Icon } from "./Icon";

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label: string;
  large?: boolean;
  mono?: boolean;
  hint?: ReactNode;
  fault?: string | undefined;
  /** Shown at the other end of the label's line. */
  aside?: ReactNode;
  /** Shown inside the frame, after the text. */
  after?: ReactNode;
  onText: (text: string) => void;
}

export function Fault({ id, children }: { id?: string; children: ReactNode }): ReactElement {
  return (
    <span className="fault" id={id} role="alert">
      <Icon of={TriangleAlert} size={14} />
      <span>{children}</span>
    </span>
  );
}

export function Field({ label, large, mono, hint, fault, aside, after, onText, ...native }: FieldProps): ReactElement {
  const own = useId();
  const id = native.id ?? own;
  const help = `${id}-help`;
  const classes = ["inp", large ? "l" : "", mono ? "mono" : "", fault ? "err" : "", native.disabled ? "off" : ""];
  return (
    <div className="field">
      {aside ? (
        <div className="row">
          <label className="lbl grow" htmlFor={id}>
            {label}
          </label>
          <span className="f12">{aside}</span>
        </div>
      ) : (
        <label htmlFor={id}>{label}</label>
      )}
      <div className={classes.filter(Boolean).join(" ")}>
        <input
          {...native}
          id={id}
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault || hint ? help : undefined}
          onChange={(event) => onText(event.target.value)}
        />
        {after}
      </div>
      {fault ? <Fault id={help}>{fault}</Fault> : hint && <span className="hint" id={help}>{hint}</span>}
    </div>
  );
}

/** A password that can be looked at. */
export function PasswordField(props: Omit<FieldProps, "type" | "after">): ReactElement {
  const [shown, show] = useState(false);
  return (
    <Field
      {...props}
      type={shown ? "text" : "password"}
      autoCapitalize="off"
      spellCheck={false}
      after={
        <button
          type="button"
          className="ib s"
          aria-label={shown ? "Hide the password" : "Show the password"}
          aria-pressed={shown}
          onClick={() => show(!shown)}
        >
          <Icon of={shown ? EyeOff : Eye} />
        </button>
      }
    />
  );
}
