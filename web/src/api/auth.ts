/** Accounts and sessions. */
import { answered, api } from "./client";
import type { FirstRunAnswers } from "./types";

export const auth = {
  me: (signal?: AbortSignal) => answered(api.GET("/api/auth/me", { signal: signal ?? null })),
  firstRun: (code?: string, signal?: AbortSignal) => answered(api.GET("/api/auth/first-run", { params: { query: code === undefined ? {} : { code } }, signal: signal ?? null })),
  createAdministrator: (answers: FirstRunAnswers) => answered(api.POST("/api/auth/first-run", { body: answers })),
  signIn: (email: string, password: string, remember_me: boolean) => answered(api.POST("/api/auth/login", { body: { email, password, remember_me, cookie: true } })),
  signOut: () => answered(api.POST("/api/auth/logout")),
};
