/** Rate, errors and duration of each service, with their course over the range. */
import type { ReactElement } from "react";
import type { ServiceFigures } from "../api";
import { Card, Nothing, Sideways } from "./Card";
import { duration, lineOf, rate, share } from "./figures";

const STATUS = { healthy: "ok", degraded: "warn", down: "bad", unknown: "" } as const;
const WIDTH = 96;
const HEIGHT = 28;
const ERRORS_FULL_HEIGHT = 0.05;

/** A small course of one figure; nothing is drawn where nothing was measured. */
export function Spark({ series, colour, top }: { series: readonly (number | null)[]; colour: string; top?: number }): ReactElement {
  return (
    <svg className="op-spark" viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} width={WIDTH} height={HEIGHT} preserveAspectRatio="none" aria-hidden="true">
      <path d={lineOf(series, WIDTH, HEIGHT, top)} fill="none" stroke={`var(${colour})`} strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

export function StatusDot({ status }: { status: ServiceFigures["status"] }): ReactElement {
  return <span className={`dot ${STATUS[status]}`} />;
}

export function Services({ services, note }: { services: readonly ServiceFigures[]; note: string }): ReactElement {
  return (
    <Card title="Rate, errors, duration" note={note}>
      {services.length === 0 && <Nothing>No data yet: no service has reported.</Nothing>}
      <Sideways label="Services">
        <table>
          <thead>
            <tr>
              <th>Service</th>
              <th colSpan={2}>Rate</th>
              <th colSpan={2}>Errors</th>
              <th colSpan={2}>Duration p95</th>
            </tr>
          </thead>
          <tbody>
            {services.map((service) => (
              <Row key={service.name} service={service} />
            ))}
          </tbody>
        </table>
      </Sideways>
    </Card>
  );
}

function Row({ service }: { service: ServiceFigures }): ReactElement {
  const { name, status, instances, series, error_ratio } = service;
  const failing = (error_ratio ?? 0) >= ERRORS_FULL_HEIGHT;
  return (
    <tr>
      <th scope="row" className="op-name">
        <StatusDot status={status} />
        <span className="b6 t1">{name}</span>
        <span className="t3 f12">
          {status}, {instances.up} of {instances.known} up
        </span>
      </th>
      <td>
        <Spark series={series.rate} colour="--c1" />
      </td>
      <td className="num">{rate(service.rate)}</td>
      <td>
        <Spark series={series.error_ratio} colour={failing ? "--bad" : "--c5"} top={Math.max(ERRORS_FULL_HEIGHT, error_ratio ?? 0)} />
      </td>
      <td className={failing ? "num bad b6" : "num"}>{share(error_ratio)}</td>
      <td>
        <Spark series={series.p95_seconds} colour="--c2" />
      </td>
      <td className="num">{duration(service.p95_seconds)}</td>
    </tr>
  );
}
