/** The sections of the settings, and who may see them. */
import { Archive, Award, KeyRound, Mail, MailPlus, MonitorSmartphone, Scale, ScrollText, ShieldCheck, UserRound, Users, UsersRound, type LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import type { Permission, User } from "../api";
import { ApiKeys } from "./ApiKeys";
import { Audit } from "./Audit";
import { Invitations } from "./Invitations";
import { Members } from "./Members";
import { Outbox } from "./Outbox";
import { Policies } from "./Policies";
import { Profile } from "./Profile";
import { Roles } from "./Roles";
import { Security } from "./Security";
import { Sessions } from "./Sessions";
import { Teams } from "./Teams";
import { YourData } from "./YourData";

export interface Section {
  name: string;
  title: string;
  icon: LucideIcon;
  /** Who may not do this does not see the section. */
  needs?: Permission;
  of: "you" | "workspace";
  show: (me: User) => ReactElement;
}

export const SECTIONS: readonly Section[] = [
  { name: "profile", title: "Profile", icon: UserRound, of: "you", show: (me) => <Profile me={me} /> },
  { name: "security", title: "Password and sign-in", icon: ShieldCheck, of: "you", show: (me) => <Security me={me} /> },
  { name: "sessions", title: "Sessions", icon: MonitorSmartphone, of: "you", show: () => <Sessions /> },
  { name: "keys", title: "API keys", icon: KeyRound, of: "you", needs: "keys:make", show: (me) => <ApiKeys me={me} /> },
  { name: "data", title: "Your data", icon: Archive, of: "you", show: (me) => <YourData me={me} /> },
  { name: "teams", title: "Teams", icon: UsersRound, of: "workspace", show: (me) => <Teams me={me} /> },
  { name: "people", title: "People", icon: Users, of: "workspace", needs: "people:read", show: (me) => <Members me={me} /> },
  { name: "invitations", title: "Invitations", icon: MailPlus, of: "workspace", needs: "people:read", show: (me) => <Invitations me={me} /> },
  { name: "roles", title: "Roles", icon: Award, of: "workspace", needs: "roles:manage", show: (me) => <Roles me={me} /> },
  { name: "audit", title: "Audit log", icon: ScrollText, of: "workspace", needs: "audit:read", show: () => <Audit /> },
  { name: "mail", title: "Mail", icon: Mail, of: "workspace", needs: "mail:read", show: () => <Outbox /> },
  { name: "policies", title: "Policies", icon: Scale, of: "workspace", needs: "operations:read", show: () => <Policies /> },
];

/** What somebody may see. The server decides what they may do. */
export function sectionsFor(me: User): Section[] {
  return SECTIONS.filter(({ needs }) => !needs || me.permissions.includes(needs));
}
