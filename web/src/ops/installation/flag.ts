/** Whom a flag is for, in words. Pure, so that it can be tested. */
import type { Flag } from "../../api";
import { counted } from "../../ui";

export function audience({ enabled, percentage, allow, deny, environments }: Flag): string {
  const all = percentage >= 100 ? "everybody" : percentage <= 0 ? "nobody" : `${percentage} % of people`;
  const parts = [
    `For ${all}`,
    ...(allow.length > 0 ? [`${counted(allow.length, "name")} always`] : []),
    ...(deny.length > 0 ? [`${counted(deny.length, "name")} never`] : []),
    ...(environments.length > 0 ? [`only in ${environments.join(" and ")}`] : []),
  ];
  return `${parts.join(", ")}${enabled ? "." : "; switched off for all now."}`;
}
