/** How keys and codes are written for people. */

/** "JBSWY3DPEHPK3PXP" is "JBSW Y3DP EHPK 3PXP". */
export function inFours(secret: string): string {
  return secret.match(/.{1,4}/gu)?.join(" ") ?? "";
}

/** The file that keeps backup codes: whose they are, what for, one a line. */
export function codesFile(codes: readonly string[], where: string, email: string): string {
  return [`Backup codes of ${email} for AutoGraph at ${where}`, "Each works once, in place of a code of the authenticator app.", "", ...codes, ""].join("\n");
}
