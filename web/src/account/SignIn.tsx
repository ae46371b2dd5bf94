/** Sign in. */
import type { ReactElement } from "react";
export function SignIn(): ReactElement {
  return <main>Sign in</main>;
}
