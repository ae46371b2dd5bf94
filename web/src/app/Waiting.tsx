/** Nothing for 200 ms, then a quiet sign that something is on its way. */
import type { ReactElement } from "react";

export function Waiting(): ReactElement {
  return (
    <main className="main later" aria-busy="true" style={{ height: "100%" }}>
      <span className="spin t3" style={{ margin: "auto" }} role="status" aria-label="Loading" />
    </main>
  );
}
