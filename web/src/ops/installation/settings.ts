/** The settings in force, found and ordered. Pure, so that it can be tested. */
import type { Setting } from "../../api";

/** Those that hold every word in name, value or service; what somebody has set comes first, then by name. */
export function found(settings: readonly Setting[], words: string): Setting[] {
  const wanted = words.toLowerCase().split(/\s+/u).filter(Boolean);
  return settings
    .filter(({ name, value, services }) => {
      const text = `${name} ${value} ${services.join(" ")}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .sort((one, other) => Number(one.is_default) - Number(other.is_default) || one.name.localeCompare(other.name));
}

/** Names that stand more than once: processes differ in them. */
export function differing(settings: readonly Setting[]): Set<string> {
  const seen = new Set<string>();
  return new Set(settings.filter(({ name }) => seen.has(name) || !seen.add(name)).map(({ name }) => name));
}
