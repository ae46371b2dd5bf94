/** Sizes the page lays itself out by. */
import { useLayoutEffect, useState, useSyncExternalStore } from "react";

export interface Width {
  /** Pixels that content may use. */
  inner: number;
  /** Pixels that the bar for scrolling takes. */
  bar: number;
}

/** The width of an element, followed as it changes. */
export function useWidth(element: HTMLElement | null): Width {
  const [width, setWidth] = useState<Width>({ inner: 0, bar: 0 });
  useLayoutEffect(() => {
    if (!element) return;
    const measure = () => {
      const inner = element.clientWidth;
      const bar = element.offsetWidth - inner;
      setWidth((before) => (before.inner === inner && before.bar === bar ? before : { inner, bar }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

export const PHONE = "(max-width: 700px)";
