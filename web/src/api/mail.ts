/** Mails to people, for those who may read what was not sent. */
import { answered, api } from "./client";

const of = (mail_id: string) => ({ params: { path: { mail_id } } });

export const mail = {
  list: (page: number, signal?: AbortSignal) => answered(api.GET("/api/auth/admin/mails", { params: { query: { page } }, signal: signal ?? null })),
  read: (mail_id: string, signal?: AbortSignal) => answered(api.GET("/api/auth/admin/mails/{mail_id}", { ...of(mail_id), signal: signal ?? null })),
  resend: (mail_id: string) => answered(api.POST("/api/auth/admin/mails/{mail_id}/resend", of(mail_id))),
};
