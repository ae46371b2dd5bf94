/** The password once more, where the session is too old to speak for its owner. */
import type { ReactElement } from "react";
import { PasswordField } from "../ui";
import type { Again } from "./useAgain";

export function CurrentPassword({ of: again, large = false }: { of: Again; large?: boolean }): ReactElement | null {
  if (!again.asks) return null;
  return (
    <PasswordField
      label="Current password"
      large={large}
      autoFocus
      autoComplete="current-password"
      value={again.password}
      fault={again.fault}
      hint="You signed in more than five minutes ago. No password? Sign in again instead."
      onText={again.setPassword}
    />
  );
}
