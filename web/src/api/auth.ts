/** Accounts and sessions. */
import { request } from "./client";
import type { FirstRunState, Me, User } from "./types";

export interface FirstRunAnswers {
  code: string;
  email: string;
  name: string;
  password: string;
}

export const auth = {
  me: (signal?: AbortSignal) => request<Me>("/api/auth/me", { signal }),
  firstRun: (code?: string, signal?: AbortSignal) =>
    request<FirstRunState>("/api/auth/first-run", { query: { code }, signal }),
  createAdministrator: (answers: FirstRunAnswers) =>
    request<{ user: User }>("/api/auth/first-run", { method: "POST", json: answers }),
  signIn: (email: string, password: string, remember_me: boolean) =>
    request<{ user: User }>("/api/auth/login", {
      method: "POST",
      json: { email, password, remember_me, cookie: true },
    }),
  signOut: () => request<void>("/api/auth/logout", { method: "POST" }),
};
