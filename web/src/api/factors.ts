/** What one shows besides a password: codes of an app, backup codes, passkeys. */
import { answered, api } from "./client";
import type { NewPasskeyJson, PasskeyJson } from "./types";

const of = (passkey_id: string) => ({ params: { path: { passkey_id } } });

export const factors = {
  standing: (signal?: AbortSignal) => answered(api.GET("/api/auth/mfa", { signal: signal ?? null })),
  setUp: (current_password: string) => answered(api.POST("/api/auth/mfa/setup", { body: { current_password } })),
  enable: (code: string) => answered(api.POST("/api/auth/mfa/enable", { body: { code } })),
  disable: (current_password: string, code: string) => answered(api.POST("/api/auth/mfa/disable", { body: { current_password, code } })),
  newBackupCodes: (code: string) => answered(api.POST("/api/auth/mfa/backup-codes/regenerate", { body: { code } })),
  /** The rest of a sign-in, by the token that its first half was answered with. */
  verify: (mfa_token: string, code: string) => answered(api.POST("/api/auth/mfa/verify", { body: { mfa_token, code } })),
  enrolSetUp: (mfa_token: string) => answered(api.POST("/api/auth/mfa/enrol/setup", { body: { mfa_token } })),
  enrolEnable: (mfa_token: string, code: string) => answered(api.POST("/api/auth/mfa/enrol/enable", { body: { mfa_token, code } })),
  /** What the sign-in wants that has just come back from a provider. */
  afterProvider: (signal?: AbortSignal) => answered(api.POST("/api/auth/oidc/second", { signal: signal ?? null })),
};

export const passkeys = {
  list: (signal?: AbortSignal) => answered(api.GET("/api/auth/passkeys", { signal: signal ?? null })),
  askNew: (current_password: string) => answered(api.POST("/api/auth/passkeys/options", { body: { current_password } })),
  add: (name: string, credential: NewPasskeyJson) => answered(api.POST("/api/auth/passkeys", { body: { name, credential } })),
  /** The first one, in the middle of a sign-in that wants a second factor. */
  within: (mfa_token: string) => ({
    askNew: () => answered(api.POST("/api/auth/passkeys/enrol/options", { body: { mfa_token } })),
    add: (name: string, credential: NewPasskeyJson) => answered(api.POST("/api/auth/passkeys/enrol", { body: { mfa_token, name, credential } })),
  }),
  rename: (passkey_id: string, name: string) => answered(api.PATCH("/api/auth/passkeys/{passkey_id}", { ...of(passkey_id), body: { name } })),
  remove: (passkey_id: string, current_password: string) => answered(api.DELETE("/api/auth/passkeys/{passkey_id}", { ...of(passkey_id), body: { current_password } })),
  /** Without a token any passkey of this installation does. */
  ask: (mfa_token?: string) => answered(api.POST("/api/auth/passkeys/login/options", { body: mfa_token ? { mfa_token } : {} })),
  signIn: (credential: PasskeyJson, how: { mfa_token: string } | { remember_me: boolean }) => answered(api.POST("/api/auth/passkeys/login", { body: { credential, remember_me: false, cookie: true, ...how } })),
};
