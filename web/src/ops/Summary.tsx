/** The worst thing now, or that all is well; then the figures of the whole installation. */
import { CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import type { ReactElement } from "react";
import type { Overview } from "../api";
import { ago, exactly, Icon } from "../ui";
import { change, total } from "./figures";

export function Worst({ overview }: { overview: Overview }): ReactElement {
  const { worst, services } = overview;
  if (worst) {
    return (
      <section className={worst.severity === "critical" ? "card op-worst op-bad" : "card op-worst op-warn"} aria-label="The worst thing now">
        <Icon of={TriangleAlert} size={20} />
        <div className="grow">
          <h2>
            {worst.title}{" "}
            <time className="f12" dateTime={worst.since} title={exactly(worst.since)}>
              since {ago(worst.since)}
            </time>
          </h2>
          <p className="t2">{worst.detail}</p>
          {worst.then.length > 0 && <p className="t3 f12">Then: {worst.then.join(" · ")}</p>}
        </div>
      </section>
    );
  }
  const unknown = services.filter(({ status }) => status === "unknown").length;
  const measured = services.length > 0 && unknown < services.length;
  return (
    <section className="card op-worst" aria-label="State">
      <Icon of={measured && unknown === 0 ? CircleCheck : CircleHelp} size={20} />
      <div className="grow">
        <h2>{measured ? (unknown === 0 ? "All is well" : "Nothing is known to be wrong") : "No data yet"}</h2>
        <p className="t2">
          {!measured && "No service has reported its state. This says nothing about how it is."}
          {measured && unknown === 0 && `All ${services.length} services answer.`}
          {measured && unknown > 0 && `${services.length - unknown} of ${services.length} services answer; nothing was measured of the others.`}
        </p>
      </div>
    </section>
  );
}

export function Totals({ overview }: { overview: Overview }): ReactElement {
  return (
    <section className="card op-totals" aria-label="Totals">
      <dl>
        {overview.totals.map((one) => (
          <div key={one.id}>
            <dt className="f12 t3">{one.label}</dt>
            <dd className={one.value === null ? "op-figure t3" : "op-figure"}>{total(one)}</dd>
            <dd className="f12 t3">{change(one.change)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
