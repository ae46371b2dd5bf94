/** The title of the page that is shown; whoever does not see that another one has come hears it. */
import { useEffect, useSyncExternalStore, type ReactElement } from "react";

let at = "";
let told = "";
const listeners = new Set<() => void>();

function tell(text: string): void {
  told = text;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Give the focus to the page's heading: what had it is gone, and the keyboard would begin at the top again. */
export function focusHeading(): void {
  const place = document.querySelector<HTMLElement>("#content h1") ?? document.querySelector<HTMLElement>("#content");
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

/**
 * Name the page. When it takes the place of another one and the focus went with that, its heading is focused, and so read;
 * a link of the navigation keeps the focus, and the title is said.
 */
export function usePageTitle(title: string): void {
  useEffect(() => {
    if (document.title === `${title} · AutoGraph`) return;
    document.title = `${title} · AutoGraph`;
    const before = at;
    at = location.pathname;
    if (before === "") return;
    if (document.activeElement === document.body) focusHeading();
    else if (before !== at) tell(title);
  }, [title]);
}

export function PageTitleAloud(): ReactElement {
  const text = useSyncExternalStore(subscribe, () => told);
  return (
    <p className="hidden-text" role="status" data-page-title>
      {text}
    </p>
  );
}
