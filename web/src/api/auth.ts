/** Accounts and sessions. */
import { address, answered, api } from "./client";
import type { FirstRunAnswers, Registration, NewApiKey } from "./types";

export const auth = {
  me: (signal?: AbortSignal) => answered(api.GET("/api/auth/me", { signal: signal ?? null })),
  firstRun: (signal?: AbortSignal) => answered(api.GET("/api/auth/first-run", { signal: signal ?? null })),
  checkFirstRunCode: (code: string, signal?: AbortSignal) => answered(api.POST("/api/auth/first-run/check", { body: { code }, signal: signal ?? null })),
  createAdministrator: (answers: FirstRunAnswers) => answered(api.POST("/api/auth/first-run", { body: answers })),
  signIn: (email: string, password: string, remember_me: boolean) => answered(api.POST("/api/auth/login", { body: { email, password, remember_me, cookie: true } })),
  providers: (signal?: AbortSignal) => answered(api.GET("/api/auth/providers", { signal: signal ?? null })),
  providerAddress: (provider: string, remember_me: boolean) => address("/api/auth/oidc/start", { provider, remember_me }),
  register: (body: Registration) => answered(api.POST("/api/auth/register", { body })),
  verify: (token: string) => answered(api.POST("/api/auth/email/verify", { body: { token } })),
  resendVerification: (email: string) => answered(api.POST("/api/auth/email/resend-verification", { body: { email } })),
  confirmAddress: (token: string) => answered(api.POST("/api/auth/email/confirm-change", { body: { token } })),
  askForReset: (email: string) => answered(api.POST("/api/auth/password-reset/request", { body: { email } })),
  reset: (token: string, password: string) => answered(api.POST("/api/auth/password-reset/confirm", { body: { token, password } })),
  unlock: (token: string) => answered(api.POST("/api/auth/unlock", { body: { token } })),
  rename: (name: string) => answered(api.PATCH("/api/auth/me", { body: { name } })),
  askForAddress: (email: string, current_password: string, code: string) => answered(api.POST("/api/auth/email/change", { body: { email, current_password, code } })),
  changePassword: (current_password: string, new_password: string) => answered(api.POST("/api/auth/password/change", { body: { current_password, new_password } })),
  sessions: (signal?: AbortSignal) => answered(api.GET("/api/auth/sessions", { signal: signal ?? null })),
  endSession: (session_id: string) => answered(api.DELETE("/api/auth/sessions/{session_id}", { params: { path: { session_id } } })),
  signOutEverywhere: () => answered(api.POST("/api/auth/logout-all")),
  apiKeys: (signal?: AbortSignal) => answered(api.GET("/api/auth/api-keys", { signal: signal ?? null })),
  makeApiKey: (body: NewApiKey) => answered(api.POST("/api/auth/api-keys", { body })),
  revokeApiKey: (key_id: string) => answered(api.DELETE("/api/auth/api-keys/{key_id}", { params: { path: { key_id } } })),
  signOut: () => answered(api.POST("/api/auth/logout")),
};
