/** Why a sign-in did not work, in words. */
import { isProblem } from "../api";

/** Why a provider's sign-in ended here, by the slug that the server puts into the address. */
const PROBLEMS: Readonly<Record<string, string>> = {
  "provider-away": "The sign-in service does not answer. Try again later, or sign in with a password.",
  "provider-not-believed": "What the sign-in service said could not be believed. Tell an administrator.",
  "provider-unknown": "There is no such way to sign in here.",
  "sign-in-worthless": "This sign-in took too long, or was begun in another browser. Begin again.",
  "sign-in-declined": "The sign-in was cancelled, or the sign-in service refused it.",
  "address-not-verified": "The sign-in service has not confirmed your address. Confirm it there first.",
  "no-account": "There is no account for you here. Ask an administrator for an invitation.",
  "no-role": "Your groups give you no access here. Ask an administrator.",
  "account-disabled": "This account is disabled. Ask an administrator.",
  "domain-not-allowed": "Accounts are for other email domains here.",
};

export function providerProblem(slug: string | null): string | undefined {
  return slug ? (PROBLEMS[slug] ?? "Signing in there did not work. Try again.") : undefined;
}

export function passwordProblem(error: unknown): string {
  if (isProblem(error, "wrong-credentials")) return "Email and password do not belong together. Check both and try again.";
  return error instanceof Error ? error.message : "Signing in did not work.";
}

/** Of a sign-in whose second half came too late. */
export const TOO_LATE = "This sign-in took too long. Begin again.";
