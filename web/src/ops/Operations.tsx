/** Operations: how the installation is now, and how it was. A list of sections at the left, one of them at the right. */
import { ArrowLeft, Lock, RefreshCw, ScrollText, Unplug, Users, type LucideIcon } from "lucide-react";
import { useState, type ReactElement, type ReactNode } from "react";
import { Link, Redirect } from "wouter";
import type { OpsRange, Overview, Permission, User } from "../api";
import { AccountButton } from "../app/AccountButton";
import { exactly, Failure, figure, Icon, IconButton, SectionTabs, SideNav, usePageTitle, type SectionGroup } from "../ui";
import { useErrorCount } from "./errors/ErrorsCard";
import { passed } from "./figures";
import "./ops.css";
import { useSlowCount } from "./queries/QueriesCard";
import { addressOf, SECTIONS, type Section } from "./sections";
import { useSetting } from "./useAbout";
import { useOverview, type Line } from "./useOverview";

const RANGES: readonly { range: OpsRange; label: string }[] = [
  { range: "15m", label: "15 min" },
  { range: "1h", label: "1 h" },
  { range: "6h", label: "6 h" },
  { range: "24h", label: "24 h" },
  { range: "7d", label: "7 d" },
];
const ELSEWHERE: readonly { href: string; title: string; icon: LucideIcon; needs: Permission }[] = [
  { href: "/settings/people", title: "People", icon: Users, needs: "people:read" },
  { href: "/settings/audit", title: "Audit log", icon: ScrollText, needs: "audit:read" },
  { href: "/settings/policies", title: "Policies", icon: Lock, needs: "operations:read" },
];

interface OperationsProps {
  me: User;
  /** The section; the overview where none is named. */
  name: string;
  item: string | undefined;
}

export function Operations({ me, name, item }: OperationsProps): ReactElement {
  const section = SECTIONS.find((one) => one.name === name);
  usePageTitle(`${section?.name ? `${section.title} · ` : ""}Operations`);
  if (!me.permissions.includes("operations:read")) return <Refused />;
  return section ? <Page me={me} section={section} item={item} /> : <Redirect to="/operations" replace />;
}

function Refused(): ReactElement {
  return (
    <main className="main" id="content">
      <div className="empty">
        <h1>Operations is for administrators</h1>
        <p>Your account may not see how the installation runs. An administrator can give you that role.</p>
        <Link href="/" className="btn primary">
          Open the library
        </Link>
      </div>
    </main>
  );
}

function Page({ me, section, item }: { me: User; section: Section; item: string | undefined }): ReactElement {
  const [range, setRange] = useState<OpsRange>("1h");
  const { overview, line, error, refresh, busy } = useOverview(range);
  const everySeconds = useSetting("AUTOGRAPH_WATCH__ALERTS__EVALUATE_EVERY_SECONDS");
  const groups = useGroups(me, overview);
  const label = RANGES.find((one) => one.range === range)?.label ?? "";
  return (
    <div className="app op-app">
      <SideNav label="Operations" groups={groups} at={addressOf(section.name)} foot={<AccountButton me={me} />} />
      <main className="main op-page" id="content">
        <header className="op-head">
          <Link href="/" className="btn ghost s op-phone" aria-label="Back to the library">
            <Icon of={ArrowLeft} />
          </Link>
          <h1>{section.name ? section.title : "Operations"}</h1>
          {overview && (
            <span className="t3 f12 trunc" title={`since ${exactly(overview.started_at)}`}>
              version {overview.version}, up {passed(overview.started_at, Date.parse(overview.at))}
            </span>
          )}
          <span className="grow" />
          <Live line={line} at={overview?.at} />
          {section.hasRange && (
            <span className="seg" role="group" aria-label="Range">
              {RANGES.map((one) => (
                <button key={one.range} type="button" className={one.range === range ? "on" : ""} aria-pressed={one.range === range} onClick={() => setRange(one.range)}>
                  {one.label}
                </button>
              ))}
            </span>
          )}
          <IconButton icon={RefreshCw} label="Refresh" onClick={refresh} aria-busy={busy} />
        </header>
        <SectionTabs links={groups.slice(1, 3).flatMap(({ links }) => links)} at={addressOf(section.name)} />
        {line === "lost" && overview && (
          <div className="banner">
            <Icon of={Unplug} />
            The connection is lost. What follows is as it was at {new Date(overview.at).toLocaleTimeString("en-GB")}, and not measured since.
          </div>
        )}
        <div className={line === "lost" ? "op-body op-stale" : "op-body"} key={section.name} tabIndex={-1}>
          {error && !overview && <Failure title="Operations does not answer" error={error} retry={refresh} />}
          {!overview && !error && <div className="sk later op-waiting" />}
          {overview && section.show({ me, overview, range: label, item, everySeconds, isStale: line === "lost" })}
        </div>
      </main>
    </div>
  );
}

/** What stands at the left, with how much there is to look at. */
function useGroups(me: User, overview: Overview | undefined): SectionGroup[] {
  const errors = useErrorCount();
  const slow = useSlowCount();
  const firing = overview ? overview.alerts.firing - overview.alerts.silenced : 0;
  const counts: Record<string, ReactNode> = {
    services: overview && figure(overview.services.length),
    errors: errors && figure(errors),
    queries: slow && figure(slow),
    alerts: firing > 0 && <span className="bad">{firing} firing</span>,
  };
  const linksOf = (of: Section["of"]) => SECTIONS.filter((one) => one.of === of).map(({ name, title, icon }) => ({ href: addressOf(name), title, icon, ...(counts[name] && { count: counts[name] }) }));
  return [
    { title: "", links: [{ href: "/", title: "Back to the library", icon: ArrowLeft }] },
    { title: "Operations", links: linksOf("operations") },
    { title: "Installation", links: linksOf("installation") },
    { title: "Administration", links: ELSEWHERE.filter(({ needs }) => me.permissions.includes(needs)) },
  ];
}

function Live({ line, at }: { line: Line; at: string | undefined }): ReactElement {
  const time = at ? new Date(at).toLocaleTimeString("en-GB") : "";
  const words = { live: "Live", lost: "Connection lost", waiting: time ? "As of" : "Waiting" }[line];
  return (
    <span className="row nw f12" data-line={line}>
      <span className={line === "live" ? "dot ok" : line === "lost" ? "dot warn" : "dot"} />
      <span>
        {/* The time moves every few seconds: only what is the matter is said aloud. */}
        <span role="status">{words}</span>
        {time && `${line === "waiting" ? "" : ","} ${time}`}
      </span>
    </span>
  );
}
