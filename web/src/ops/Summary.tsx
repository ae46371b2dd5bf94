/** The worst thing now, or that all is well; then the figures of the whole installation. */
import { useQuery } from "@tanstack/react-query";
import { BellOff, CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import { useState, type ReactElement } from "react";
import { Link } from "wouter";
import { operations, type Overview, type User } from "../api";
import { Button, exactly, Icon } from "../ui";
import { SilenceDialog } from "./alerts/SilenceDialog";
import { apart, change, passed, total } from "./figures";
import { wholeOf } from "./whole";

const MOST_THEN = 3;

type Trouble = NonNullable<Overview["worst"]>;

interface WorstProps {
  overview: Overview;
  me: User;
  /** Nothing has been measured since. */
  isStale: boolean;
}

export function Worst({ overview, me, isStale }: WorstProps): ReactElement {
  const { worst, at } = overview;
  if (worst) return <Wrong worst={worst} at={at} me={me} />;
  const { isWell, title, text } = wholeOf(overview, isStale);
  return (
    <section className="card op-worst" aria-label="State">
      <span className={isWell ? "op-mark op-well" : "op-mark"}>
        <Icon of={isWell ? CircleCheck : CircleHelp} size={20} />
      </span>
      <div className="grow">
        <h2>{title}</h2>
        <p className="t2">{text}</p>
      </div>
    </section>
  );
}

function Wrong({ worst, at, me }: { worst: Trouble; at: string; me: User }): ReactElement {
  const then = worst.then.slice(0, MOST_THEN);
  return (
    <section className={worst.severity === "critical" ? "card op-worst op-bad" : "card op-worst op-warn"} aria-label="The worst thing now">
      <span className="op-mark">
        <Icon of={TriangleAlert} size={20} />
      </span>
      <div className="grow">
        <h2>
          {worst.title}{" "}
          <time className="f12 b5" dateTime={worst.since} title={exactly(worst.since)}>
            for {passed(worst.since, Date.parse(at))}
          </time>
        </h2>
        <p className="t2">{worst.detail}</p>
        {then.length > 0 && (
          <p className="t3 f12">
            Then:{" "}
            <Link href="/operations/alerts" className="acc">
              {then.join(" · ")}
            </Link>
          </p>
        )}
      </div>
      <span className="row op-acts">
        {worst.kind === "service" ? (
          <Link href={`/operations/services/${worst.id}`} className="btn s">
            Open {worst.id}
          </Link>
        ) : (
          <Link href="/operations/alerts" className="btn s">
            Open alerts
          </Link>
        )}
        {worst.kind === "alert" && me.permissions.includes("operations:manage") && <Silence id={worst.id} />}
      </span>
    </section>
  );
}

/** Keeps the alert of that ID quiet; asks which it is among those that are open. */
function Silence({ id }: { id: string }): ReactElement | null {
  const [open, setOpen] = useState(false);
  const alerts = useQuery({ queryKey: ["ops", "alerts", "active"], queryFn: ({ signal }) => operations.alerts("active", signal) });
  const alert = alerts.data?.items.find((one) => one.id === id);
  if (!alert) return null;
  return (
    <>
      <Button size="s" icon={BellOff} onClick={() => setOpen(true)}>
        Silence
      </Button>
      {open && <SilenceDialog alert={alert} onClose={() => setOpen(false)} />}
    </>
  );
}

interface TotalsProps {
  overview: Overview;
  /** The range in words: "1 h". */
  range: string;
}

/** How it is now, each with the time it is over; availability is of the whole range. */
export function Totals({ overview, range }: TotalsProps): ReactElement {
  return (
    <section className="card op-totals" aria-label="Totals">
      <dl>
        {overview.totals.map((one) => {
          const [figure, unit] = apart(total(one));
          return (
            <div key={one.id}>
              <dt className="f12 t3">
                {one.label}, <span className="f11">last {one.id === "availability" ? range : "5 min"}</span>
              </dt>
              <dd className={one.value === null ? "op-figure t3" : "op-figure"}>
                {figure} {unit && <small>{unit}</small>}
              </dd>
              <dd className="f12 t3">{change(one.change)}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
