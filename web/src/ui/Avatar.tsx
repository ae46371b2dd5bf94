/** A person as a disc with initials; the colour is always the same for the same person. */
import type { ReactElement } from "react";
import { initials } from "./words";

const SHADES = ["a", "b", "c", "d", "e", "f"];

export function Avatar({ name, id, size }: { name: string; id: string; size?: "s" | "l" }): ReactElement {
  const sum = [...id].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) >>> 0, 0);
  return (
    <span className={`av ${SHADES[sum % SHADES.length] ?? "a"} ${size ?? ""}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
