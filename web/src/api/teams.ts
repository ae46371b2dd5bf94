/** Teams, and who is in them. */
import { answered, api, given } from "./client";
import type { TeamRole } from "./types";

const of = (team_id: string) => ({ params: { path: { team_id } } });
const member = (team_id: string, user_id: string) => ({ params: { path: { team_id, user_id } } });

export const teams = {
  list: (all: boolean, page: number, signal?: AbortSignal) => answered(api.GET("/api/auth/teams", { params: { query: given({ page, ...(all && { all }) }) }, signal: signal ?? null })),
  one: (team_id: string, signal?: AbortSignal) => answered(api.GET("/api/auth/teams/{team_id}", { ...of(team_id), signal: signal ?? null })),
  make: (name: string, description: string) => answered(api.POST("/api/auth/teams", { body: { name, description } })),
  change: (team_id: string, changes: { name?: string; description?: string }) => answered(api.PATCH("/api/auth/teams/{team_id}", { ...of(team_id), body: changes })),
  remove: (team_id: string) => answered(api.DELETE("/api/auth/teams/{team_id}", of(team_id))),
  members: (team_id: string, page: number, signal?: AbortSignal) => answered(api.GET("/api/auth/teams/{team_id}/members", { params: { path: { team_id }, query: { page } }, signal: signal ?? null })),
  setRole: (team_id: string, user_id: string, role: TeamRole) => answered(api.PUT("/api/auth/teams/{team_id}/members/{user_id}", { ...member(team_id, user_id), body: { role } })),
  takeOut: (team_id: string, user_id: string) => answered(api.DELETE("/api/auth/teams/{team_id}/members/{user_id}", member(team_id, user_id))),
  transfer: (team_id: string, user_id: string) => answered(api.POST("/api/auth/teams/{team_id}/transfer", { ...of(team_id), body: { user_id } })),
};
