/** A page of several sections: their list at the left, on a phone a row of tabs above. */
import type { LucideIcon } from "lucide-react";
import { Fragment, useEffect, useRef, type ReactElement, type ReactNode } from "react";
import { Link } from "wouter";
import { Icon, Mark } from "./Icon";

export interface SectionLink {
  href: string;
  title: string;
  icon: LucideIcon;
  /** Stands at the end of the line: how many there are, or what is the matter. */
  count?: ReactNode;
}

export interface SectionGroup {
  title: string;
  links: readonly SectionLink[];
}

interface SideNavProps {
  label: string;
  groups: readonly SectionGroup[];
  /** The address of the section that is shown. */
  at: string;
  /** Stands at the bottom: who is signed in. */
  foot?: ReactNode;
}

export function SideNav({ label, groups, at, foot }: SideNavProps): ReactElement {
  return (
    <nav className="side" aria-label={label}>
      <Link href="/" className="brand">
        <Mark size={20} />
        AutoGraph
      </Link>
      <div className="nav-groups">
        {groups.map(
          ({ title, links }) =>
            links.length > 0 && (
              <Fragment key={title}>
                {title && <div className="nav-label">{title}</div>}
                <ul className="nav">
                  {links.map((link) => (
                    <li key={link.href}>
                      <Link href={link.href} className={link.href === at ? "ni on" : "ni"} aria-current={link.href === at ? "page" : undefined}>
                        <Icon of={link.icon} />
                        <span className="trunc">{link.title}</span>
                        {link.count !== undefined && <span className="cnt">{link.count}</span>}
                      </Link>
                    </li>
                  ))}
                </ul>
              </Fragment>
            ),
        )}
      </div>
      {foot}
    </nav>
  );
}

export function SectionTabs({ links, at }: { links: readonly SectionLink[]; at: string }): ReactElement {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    row.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  }, [at, links.length]);
  return (
    <nav ref={row} className="section-tabs" aria-label="Sections">
      {links.map(({ href, title, count }) => (
        <Link key={href} href={href} aria-current={href === at ? "page" : undefined}>
          {title}
          {count !== undefined && <span className="cnt">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
