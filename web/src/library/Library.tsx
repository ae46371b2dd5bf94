/** The library. */
import type { ReactElement } from "react";
export function Library({ place }: { place: "all" | "trash" }): ReactElement {
  return <main className="main">{place}</main>;
}
