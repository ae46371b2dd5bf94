/** Where someone goes after signing in: back to where they came from, never to another site. */

const KEPT = "autograph.next";
const KEPT_MS = 10 * 60_000;

function isOwn(wanted: string): boolean {
  // Two slashes, or a backslash, would name another host.
  return /^\/(?![/\\])[^\\]*$/u.test(wanted);
}

/** Named by the address, or from before one went to a provider. */
export function nextAddress(search: string): string {
  const wanted = new URLSearchParams(search).get("next") ?? keptNext() ?? "/";
  return isOwn(wanted) ? wanted : "/";
}

/** Going to a provider leaves this page: keep where to in this tab, for as long as that sign-in is good. */
export function rememberNext(search: string): void {
  const wanted = new URLSearchParams(search).get("next");
  if (wanted) sessionStorage.setItem(KEPT, JSON.stringify([wanted, Date.now()]));
  else forgetNext();
}

export function forgetNext(): void {
  sessionStorage.removeItem(KEPT);
}

/** Back from a provider, which leads to the front door: go on to where one was going. */
export function resumeNext(): void {
  const wanted = keptNext();
  if (location.pathname !== "/" || location.search || !wanted) return;
  forgetNext();
  if (isOwn(wanted)) history.replaceState(null, "", wanted);
}

function keptNext(): string | undefined {
  try {
    const [wanted, at] = JSON.parse(sessionStorage.getItem(KEPT) ?? "") as [unknown, unknown];
    return typeof wanted === "string" && typeof at === "number" && Date.now() - at < KEPT_MS ? wanted : undefined;
  } catch {
    return undefined;
  }
}
