/** Operations: how the installation is now, and how it was. */
import { ArrowLeft, RefreshCw } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";
import { Link } from "wouter";
import type { OpsRange, User } from "../api";
import { exactly, Failure, Icon, IconButton } from "../ui";
import { AlertsCard } from "./alerts/AlertsCard";
import { Errors } from "./Errors";
import { LogLevelsCard } from "./LogLevelsCard";
import { MapCard } from "./MapCard";
import "./ops.css";
import { Queries } from "./Queries";
import { AboutCard, BackupsCard } from "./Rest";
import { SaturationCards } from "./SaturationCards";
import { Services } from "./Services";
import { Totals, Worst } from "./Summary";
import { useSetting } from "./useAbout";
import { useOverview, type Line } from "./useOverview";

const RANGES: readonly { range: OpsRange; label: string }[] = [
  { range: "15m", label: "15 min" },
  { range: "1h", label: "1 h" },
  { range: "6h", label: "6 h" },
  { range: "24h", label: "24 h" },
  { range: "7d", label: "7 d" },
];

export function Operations({ me }: { me: User }): ReactElement {
  useEffect(() => {
    document.title = "Operations · AutoGraph";
  }, []);
  return me.permissions.includes("operations:read") ? <Overview me={me} /> : <Refused />;
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

function Overview({ me }: { me: User }): ReactElement {
  const [range, setRange] = useState<OpsRange>("1h");
  const { overview, line, error, refresh, busy } = useOverview(range);
  const everySeconds = useSetting("AUTOGRAPH_WATCH__ALERTS__EVALUATE_EVERY_SECONDS");
  const label = RANGES.find((one) => one.range === range)?.label ?? "";
  return (
    <main className="main op-page" id="content">
      <header className="op-head">
        <Link href="/" className="btn ghost s" aria-label="Back to the library">
          <Icon of={ArrowLeft} />
        </Link>
        <h1>Operations</h1>
        {overview && (
          <span className="t3 f12 trunc" title={exactly(overview.started_at)}>
            version {overview.version}, up since {new Date(overview.started_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}
          </span>
        )}
        <span className="grow" />
        <Live line={line} at={overview?.at} />
        <span className="seg" role="group" aria-label="Range">
          {RANGES.map((one) => (
            <button key={one.range} type="button" className={one.range === range ? "on" : ""} aria-pressed={one.range === range} onClick={() => setRange(one.range)}>
              {one.label}
            </button>
          ))}
        </span>
        <IconButton icon={RefreshCw} label="Refresh" onClick={refresh} aria-busy={busy} />
      </header>
      <div className="op-body" tabIndex={-1}>
        {error && !overview && <Failure title="Operations does not answer" error={error} retry={refresh} />}
        {!overview && !error && <div className="sk later op-waiting" />}
        {overview && (
          <>
            <Worst overview={overview} />
            <Totals overview={overview} />
            <Services services={overview.services} note={`last ${label}`} />
            <MapCard />
            <SaturationCards parts={overview.saturation} range={label} />
            <AlertsCard me={me} counts={overview.alerts} now={overview.at} everySeconds={everySeconds} />
            <Errors />
            <Queries />
            <BackupsCard />
            <AboutCard />
            <LogLevelsCard services={overview.services.map(({ name }) => name)} />
          </>
        )}
      </div>
    </main>
  );
}

function Live({ line, at }: { line: Line; at: string | undefined }): ReactElement {
  const time = at ? new Date(at).toLocaleTimeString("en-GB") : "";
  const words = { live: `Live, ${time}`, lost: `Connection lost, ${time}`, waiting: time ? `As of ${time}` : "Waiting" }[line];
  return (
    <span className="row nw f12" data-line={line}>
      <span className={line === "live" ? "dot ok" : line === "lost" ? "dot warn" : "dot"} />
      {words}
    </span>
  );
}
