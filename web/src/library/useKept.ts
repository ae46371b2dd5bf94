/** A choice that this device remembers: list or grid, the order, the sidebar. */
import { useState } from "react";

export function useKept<T extends string>(name: string, choices: readonly T[], usual: T): [T, (choice: T) => void] {
  const key = `autograph.${name}`;
  const [choice, setChoice] = useState<T>(() => {
    const kept = read(key);
    return choices.find((known) => known === kept) ?? usual;
  });
  return [
    choice,
    (next) => {
      setChoice(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // Without storage the choice lasts as long as the page.
      }
    },
  ];
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
