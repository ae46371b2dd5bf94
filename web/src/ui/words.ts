/** Small words: counts, initials, sizes. */

const spaced = new Intl.NumberFormat("en").format;

/** 1180 is "1 180", with a thin gap that does not break. */
export function figure(count: number): string {
  return spaced(count).replaceAll(",", "\u202f");
}

/** "1 edge", "23 edges". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${figure(count)} ${count === 1 ? noun : plural}`;
}

/** "Mara Lind" is "ML"; one name gives its first two letters. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/u).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)].map((part) => [...(part ?? "")][0] ?? "") : [...(parts[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** Bytes as "12 KB" or "3.4 MB". */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
