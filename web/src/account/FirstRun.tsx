/** First run. */
import type { ReactElement } from "react";
export function FirstRun(): ReactElement {
  return <main>First run</main>;
}
