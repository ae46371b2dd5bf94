/** Settings: a list of sections at the left, one of them at the right. */
import { ArrowLeft } from "lucide-react";
import { useEffect, type ReactElement } from "react";
import { Link, Redirect } from "wouter";
import type { User } from "../api";
import { Icon, Mark } from "../ui";
import { sectionsFor, type Section } from "./sections";
import "./settings.css";

const PARTS = [
  ["you", "You"],
  ["workspace", "Workspace"],
] as const;

export function Settings({ me, name }: { me: User; name: string }): ReactElement {
  const sections = sectionsFor(me);
  const section = sections.find((one) => one.name === name);
  useEffect(() => {
    document.title = `${section?.title ?? "Settings"} · AutoGraph`;
    document.querySelector(".st-tabs [aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  }, [section]);
  if (!section) return <Redirect to="/settings/profile" replace />;
  return (
    <div className="app">
      <nav className="side" aria-label="Settings">
        <Link href="/" className="brand">
          <Mark size={20} />
          AutoGraph
        </Link>
        {PARTS.map(([part, title]) => {
          const here = sections.filter((one) => one.of === part);
          return (
            here.length > 0 && (
              <div key={part} className="nav">
                <div className="st-label">{title}</div>
                {here.map((one) => (
                  <Entry key={one.name} section={one} on={one === section} />
                ))}
              </div>
            )
          );
        })}
      </nav>
      <main className="main st-page" id="content">
        <header className="st-head">
          <Link href="/" className="btn ghost s" aria-label="Back to the library">
            <Icon of={ArrowLeft} />
          </Link>
          <h1>{section.title}</h1>
        </header>
        <nav className="st-tabs" aria-label="Sections">
          {sections.map((one) => (
            <Link key={one.name} href={`/settings/${one.name}`} aria-current={one === section ? "page" : undefined}>
              {one.title}
            </Link>
          ))}
        </nav>
        <div className="st-body" key={section.name}>
          {section.show(me)}
        </div>
      </main>
    </div>
  );
}

function Entry({ section, on }: { section: Section; on: boolean }): ReactElement {
  return (
    <Link href={`/settings/${section.name}`} className={on ? "ni on" : "ni"} aria-current={on ? "page" : undefined}>
      <Icon of={section.icon} />
      {section.title}
    </Link>
  );
}
