/** The sections of operations: their names, and what each shows beside the range that is looked at. */
import { Activity, Archive, Bell, Boxes, Database, FileText, Flag, Server, SlidersHorizontal, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import type { Overview, User } from "../api";
import { AlertsCard } from "./alerts/AlertsCard";
import { BackupsCard } from "./Backups";
import { ErrorsCard, ErrorsPage } from "./errors/ErrorsCard";
import { MigrationsCard, ProcessesCard } from "./installation/AboutCard";
import { FlagsCard } from "./installation/FlagsCard";
import { LogLevelsCard } from "./installation/LogLevelsCard";
import { SettingsCard } from "./installation/SettingsCard";
import { MapCard } from "./map/MapCard";
import { QueriesCard, QueriesPage } from "./queries/QueriesCard";
import { SaturationCards } from "./SaturationCards";
import { ServicePage } from "./services/ServicePage";
import { ServicesCard } from "./services/ServicesCard";
import { Totals, Worst } from "./Summary";

export interface Shown {
  me: User;
  overview: Overview;
  /** The range in words: "1 h". */
  range: string;
  /** What of the section is wanted: the name of a service. */
  item: string | undefined;
  /** The connection is lost: all of this was, and is not known to be. */
  isStale: boolean;
  /** Pause between two looks at the alert rules, where it is known. */
  everySeconds: number | undefined;
}

export interface Section {
  name: string;
  title: string;
  icon: LucideIcon;
  of: "operations" | "installation";
  /** Shows figures over time, so that a range can be chosen. */
  hasRange?: boolean;
  show: (shown: Shown) => ReactElement;
}

export const SECTIONS: readonly Section[] = [
  { name: "", title: "Overview", icon: Activity, of: "operations", hasRange: true, show: (shown) => <FirstLook {...shown} /> },
  { name: "services", title: "Services", icon: Server, of: "operations", hasRange: true, show: ({ overview, range, item }) => <ServicePage overview={overview} range={range} name={item} /> },
  { name: "errors", title: "Errors", icon: TriangleAlert, of: "operations", show: ({ me }) => <ErrorsPage me={me} /> },
  { name: "queries", title: "Slow queries", icon: Database, of: "operations", show: () => <QueriesPage /> },
  { name: "alerts", title: "Alerts", icon: Bell, of: "operations", show: (shown) => <Alerts {...shown} wide /> },
  { name: "backups", title: "Backups", icon: Archive, of: "operations", show: () => <BackupsCard /> },
  { name: "logs", title: "Log levels", icon: FileText, of: "operations", show: ({ me, overview }) => <LogLevelsCard services={overview.services.map(({ name }) => name)} mayChange={me.permissions.includes("operations:manage")} /> },
  { name: "versions", title: "Versions", icon: Boxes, of: "installation", show: () => <Versions /> },
  { name: "flags", title: "Flags", icon: Flag, of: "installation", show: ({ me }) => <FlagsCard me={me} /> },
  { name: "settings", title: "Settings", icon: SlidersHorizontal, of: "installation", show: () => <SettingsCard /> },
];

export const addressOf = (name: string): string => (name ? `/operations/${name}` : "/operations");

function FirstLook(shown: Shown): ReactElement {
  const { me, overview, range, isStale } = shown;
  return (
    <>
      <Worst overview={overview} me={me} isStale={isStale} />
      <Totals overview={overview} range={range} />
      <ServicesCard services={overview.services} times={overview.times} at={overview.at} note={`last ${range}`} />
      <MapCard />
      <SaturationCards parts={overview.saturation} times={overview.times} range={range} />
      <Alerts {...shown} />
      <ErrorsCard me={me} />
      <QueriesCard />
      <BackupsCard />
    </>
  );
}

function Alerts({ me, overview, everySeconds, wide }: Shown & { wide?: boolean }): ReactElement {
  return <AlertsCard me={me} counts={overview.alerts} now={overview.at} everySeconds={everySeconds} wide={wide === true} />;
}

function Versions(): ReactElement {
  return (
    <>
      <ProcessesCard />
      <MigrationsCard />
    </>
  );
}
