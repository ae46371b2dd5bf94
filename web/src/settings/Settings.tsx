/** Settings: a list of sections at the left, one of them at the right. */
import { ArrowLeft } from "lucide-react";
import type { ReactElement } from "react";
import { Link, Redirect } from "wouter";
import type { User } from "../api";
import { AccountButton } from "../app/AccountButton";
import { Icon, SectionTabs, SideNav, usePageTitle, type SectionGroup } from "../ui";
import { sectionsFor } from "./sections";
import "./settings.css";

const PARTS = [
  ["you", "You"],
  ["workspace", "Workspace"],
] as const;

export function Settings({ me, name }: { me: User; name: string }): ReactElement {
  const sections = sectionsFor(me);
  const section = sections.find((one) => one.name === name);
  usePageTitle(section?.title ?? "Settings");
  if (!section) return <Redirect to="/settings/profile" replace />;
  const groups: SectionGroup[] = PARTS.map(([part, title]) => ({
    title,
    links: sections.filter((one) => one.of === part).map((one) => ({ href: addressOf(one.name), title: one.title, icon: one.icon })),
  }));
  return (
    <div className="app">
      <SideNav label="Settings" groups={groups} at={addressOf(section.name)} foot={<AccountButton me={me} />} />
      <main className="main st-page" id="content">
        <header className="st-head">
          <Link href="/" className="btn ghost s" aria-label="Back to the library">
            <Icon of={ArrowLeft} />
          </Link>
          <h1>{section.title}</h1>
        </header>
        <SectionTabs links={groups.flatMap(({ links }) => links)} at={addressOf(section.name)} />
        <div className="st-body" key={section.name}>
          {section.show(me)}
        </div>
      </main>
    </div>
  );
}

const addressOf = (name: string) => `/settings/${name}`;
