/** How the editor's panels are laid out on this device, and what the window allows. */
import { useCallback, useState, useSyncExternalStore } from "react";

export interface Layout {
  /** Width of the dock, CSS pixels. */
  dock: number;
  /** Share of the dock's height that the upper part takes, from 0 to 1. */
  split: number;
  unresolved: boolean;
}

const KEY = "autograph.editor.layout";
const USUAL: Layout = { dock: 404, split: 0.47, unresolved: true };
export const DOCK_LIMITS = { least: 280, most: 760 };
export const SPLIT_LIMITS = { least: 0.15, most: 0.85 };

export const PHONE = "(max-width: 699px)";
export const NARROW = "(max-width: 1099px)";

export function useLayout(): [Layout, (part: Partial<Layout>) => void] {
  const [layout, setLayout] = useState(readLayout);
  const change = useCallback((part: Partial<Layout>) => {
    setLayout((last) => {
      const next = limited({ ...last, ...part });
      try {
        localStorage.setItem(KEY, JSON.stringify(next));
      } catch {
        // Without storage the layout lasts as long as the page.
      }
      return next;
    });
  }, []);
  return [layout, change];
}

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

function readLayout(): Layout {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const part = typeof kept === "object" && kept !== null ? (kept as Partial<Layout>) : {};
    return limited({ ...USUAL, ...part });
  } catch {
    return USUAL;
  }
}

function limited(layout: Layout): Layout {
  const clamp = (value: unknown, least: number, most: number, usual: number): number =>
    typeof value === "number" && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : usual;
  return {
    dock: clamp(layout.dock, DOCK_LIMITS.least, DOCK_LIMITS.most, USUAL.dock),
    split: clamp(layout.split, SPLIT_LIMITS.least, SPLIT_LIMITS.most, USUAL.split),
    unresolved: layout.unresolved !== false,
  };
}
