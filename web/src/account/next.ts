/** Where someone goes after signing in: back to where they came from, never to another site. */

export function nextAddress(search: string): string {
  const wanted = new URLSearchParams(search).get("next") ?? "/";
  // Two slashes, or a backslash, would name another host.
  return /^\/(?![/\\])[^\\]*$/u.test(wanted) ? wanted : "/";
}
