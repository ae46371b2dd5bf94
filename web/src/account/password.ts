/** What the form can say about a password before the server judges it. */

export const SHORTEST = 8;
export const LONGEST = 128;
const STRONGER = 16;

const OBVIOUS = new Set(
  "password passwort qwerty qwertyuiop qwertz asdfghjk letmein welcome admin administrator autograph changeme iloveyou secret dragon monkey football abc abcd abcdefgh test hello".split(" "),
);

export interface Rule {
  text: string;
  met: boolean;
  /** Must be met; the others only make it stronger. */
  required: boolean;
}

/** The rules in the order in which the form shows them. */
export function passwordRules(password: string, name: string, email: string): Rule[] {
  const folded = password.toLocaleLowerCase();
  const bare = folded.replace(/^[\d!@#$%^&*._\-+=? ]+|[\d!@#$%^&*._\-+=? ]+$/gu, "");
  const called = name.trim().toLocaleLowerCase();
  const address = email.trim().toLocaleLowerCase();
  const own = [address, address.split("@")[0], called, called.replaceAll(" ", "")].filter(Boolean);
  const length = [...password].length;
  return [
    { text: `At least ${SHORTEST} characters`, met: length >= SHORTEST && length <= LONGEST, required: true },
    { text: "Not an obvious one", met: length > 0 && bare !== "" && !OBVIOUS.has(bare) && new Set(folded).size > 2, required: true },
    { text: "Not your name or email", met: length > 0 && !own.includes(folded), required: true },
    { text: `${STRONGER} or more: stronger`, met: length >= STRONGER, required: false },
  ];
}

/** 0 (refused) to 4 (long). */
export function strength(rules: readonly Rule[]): number {
  return rules.filter((rule) => rule.met).length;
}

/** What is wrong with an address, as far as it can be told without sending anything. */
export function emailFault(email: string): string | undefined {
  const address = email.trim();
  if (address === "") return "Enter an email address";
  const [local, domain, ...rest] = address.split("@");
  if (domain === undefined) return "Add @ and the domain";
  if (rest.length > 0 || /\s/u.test(address)) return "Use one @ and no spaces";
  if (!local) return "Add the part before @";
  if (domain === "") return "Add the domain after @";
  if (domain === "localhost") return undefined;
  return /^[^.]+(\.[^.]+)+$/u.test(domain) ? undefined : "Add the domain’s ending";
}
