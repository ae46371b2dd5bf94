/** Accounts and sessions. */
import { answered, api } from "./client";
import type { FirstRunAnswers, NewAccount } from "./types";

export const auth = {
  me: (signal?: AbortSignal) => answered(api.GET("/api/auth/me", { signal: signal ?? null })),
  firstRun: (code?: string, signal?: AbortSignal) => answered(api.GET("/api/auth/first-run", { params: { query: code === undefined ? {} : { code } }, signal: signal ?? null })),
  createAdministrator: (answers: FirstRunAnswers) => answered(api.POST("/api/auth/first-run", { body: answers })),
  signIn: (email: string, password: string, remember_me: boolean) => answered(api.POST("/api/auth/login", { body: { email, password, remember_me, cookie: true } })),
  register: (body: NewAccount) => answered(api.POST("/api/auth/register", { body })),
  verify: (token: string) => answered(api.POST("/api/auth/email/verify", { body: { token } })),
  resendVerification: (email: string) => answered(api.POST("/api/auth/email/resend-verification", { body: { email } })),
  confirmAddress: (token: string) => answered(api.POST("/api/auth/email/confirm-change", { body: { token } })),
  askForReset: (email: string) => answered(api.POST("/api/auth/password-reset/request", { body: { email } })),
  reset: (token: string, password: string) => answered(api.POST("/api/auth/password-reset/confirm", { body: { token, password } })),
  unlock: (token: string) => answered(api.POST("/api/auth/unlock", { body: { token } })),
  signOut: () => answered(api.POST("/api/auth/logout")),
};
