/** Invitations: made and looked after, and used by those who are invited. */
import { answered, api, given } from "./client";
import type { NewInvitationLink, NewInvitations } from "./types";

const of = (invitation_id: string) => ({ params: { path: { invitation_id } } });

export const invitations = {
  /** Those to one team, or all. */
  list: (team_id: string | undefined, page: number, signal?: AbortSignal) => answered(api.GET("/api/auth/invitations", { params: { query: given({ page, ...(team_id && { team_id }) }) }, signal: signal ?? null })),
  invite: (body: NewInvitations) => answered(api.POST("/api/auth/invitations", { body })),
  makeLink: (body: NewInvitationLink) => answered(api.POST("/api/auth/invitations/link", { body })),
  resend: (invitation_id: string) => answered(api.POST("/api/auth/invitations/{invitation_id}/resend", { ...of(invitation_id), body: {} })),
  withdraw: (invitation_id: string) => answered(api.DELETE("/api/auth/invitations/{invitation_id}", of(invitation_id))),
  look: (token: string, signal?: AbortSignal) => answered(api.POST("/api/auth/invitations/look", { body: { token }, signal: signal ?? null })),
  accept: (token: string) => answered(api.POST("/api/auth/invitations/accept", { body: { token } })),
};
