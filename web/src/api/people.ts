/** Everybody of the installation, and roles; for those who may. */
import { answered, api, given } from "./client";
import type { MemberAsk, NewRole, RoleChanges } from "./types";

const of = (user_id: string) => ({ params: { path: { user_id } } });

export const people = {
  list: (ask: MemberAsk, signal?: AbortSignal) => answered(api.GET("/api/auth/admin/users", { params: { query: given(ask) }, signal: signal ?? null })),
  setRoles: (user_id: string, roles: string[]) => answered(api.PATCH("/api/auth/admin/users/{user_id}", { ...of(user_id), body: { roles } })),
  giveRole: (user_ids: string[], role: string) => answered(api.POST("/api/auth/admin/users/roles", { body: { user_ids, role } })),
  disable: (user_id: string) => answered(api.POST("/api/auth/admin/users/{user_id}/disable", of(user_id))),
  enable: (user_id: string) => answered(api.POST("/api/auth/admin/users/{user_id}/enable", of(user_id))),
  unlock: (user_id: string) => answered(api.POST("/api/auth/admin/users/{user_id}/unlock", of(user_id))),
  signOut: (user_id: string) => answered(api.POST("/api/auth/admin/users/{user_id}/sign-out", of(user_id))),
  resetFactors: (user_id: string) => answered(api.POST("/api/auth/admin/users/{user_id}/reset-mfa", of(user_id))),
  /** For good; the documents go to somebody, or with them. */
  remove: (user_id: string, documents_to: string | null) => answered(api.POST("/api/auth/admin/users/{user_id}/remove", { ...of(user_id), body: { documents_to } })),
  roles: (signal?: AbortSignal) => answered(api.GET("/api/auth/roles", { signal: signal ?? null })),
  makeRole: (body: NewRole) => answered(api.POST("/api/auth/roles", { body })),
  changeRole: (name: string, body: RoleChanges) => answered(api.PUT("/api/auth/roles/{name}", { params: { path: { name } }, body })),
  removeRole: (name: string) => answered(api.DELETE("/api/auth/roles/{name}", { params: { path: { name } } })),
};
