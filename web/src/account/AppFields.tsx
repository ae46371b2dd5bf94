/** What is to be filled in while an authenticator app is set up. */
import type { ReactElement } from "react";
import { Failure } from "../ui";
import { AppKey } from "./AppKey";
import { CurrentPassword } from "./CurrentPassword";
import type { SetUpApp } from "./useSetUpApp";

export function AppFields({ of: app, large = false }: { of: SetUpApp; large?: boolean }): ReactElement {
  if (app.key) return <AppKey given={app.key} code={app.code} fault={app.codeFault} large={large} onCode={app.setCode} />;
  if (app.keyFault) return <Failure title="There is no key for the app" error={app.keyFault} retry={app.go} />;
  if (app.again.asks) return <CurrentPassword of={app.again} large={large} />;
  return <div className="sk later panel-waiting" />;
}
