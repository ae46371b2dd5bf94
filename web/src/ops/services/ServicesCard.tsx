/** Rate, errors and duration of every service: how they are now, and how they were. */
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { ServiceFigures } from "../../api";
import { exactly } from "../../ui";
import { Card, Nothing, Sideways } from "../Card";
import { Chart, type Colour } from "../charts/Chart";
import type { Course } from "../charts/course";
import { apart, duration, passed, rate, share } from "../figures";
import { StatusDot, upInWords } from "../Status";

const HEIGHT = 28;
const ERRORS_FULL_HEIGHT = 0.05;

interface ServicesProps {
  services: readonly ServiceFigures[];
  times: readonly number[];
  /** When it was so. */
  at: string;
  note: string;
  /** Over the whole width, not beside another card. */
  wide?: boolean;
}

export function ServicesCard({ services, times, at, note, wide = false }: ServicesProps): ReactElement {
  return (
    <Card title="Rate, errors, duration" note={note} wide={wide}>
      {services.length === 0 ? (
        <Nothing>No data yet: no service has reported.</Nothing>
      ) : (
        <Sideways label="Services">
          <table className="op-red">
            <thead>
              <tr>
                <th>Service</th>
                <th>Rate</th>
                <th>Errors</th>
                <th>Duration p95</th>
              </tr>
            </thead>
            <tbody>
              {services.map((service) => (
                <Row key={service.name} service={service} times={times} at={at} />
              ))}
            </tbody>
          </table>
        </Sideways>
      )}
    </Card>
  );
}

function Row({ service, times, at }: { service: ServiceFigures; times: readonly number[]; at: string }): ReactElement {
  const { name, status, series, error_ratio } = service;
  const failing = (error_ratio ?? 0) >= ERRORS_FULL_HEIGHT;
  return (
    <tr>
      <th scope="row" className="op-name">
        <span className="row">
          <StatusDot status={status} />
          <span>
            <Link href={`/operations/services/${name}`} className="b5 t1">
              {name}
            </Link>
            <UpOrSince service={service} at={at} />
          </span>
        </span>
      </th>
      <Figure label={`Rate of ${name}`} text={rate(service.rate)} times={times} values={series.rate} colour="--c1" say={rate} />
      <Figure
        label={`Errors of ${name}`}
        text={share(error_ratio)}
        times={times}
        values={series.error_ratio}
        colour={failing ? "--bad" : "--c5"}
        top={Math.max(ERRORS_FULL_HEIGHT, ...series.error_ratio.map((one) => one ?? 0))}
        say={share}
      />
      <Figure label={`Duration of ${name}`} text={duration(service.p95_seconds)} times={times} values={series.p95_seconds} colour="--c2" say={duration} />
    </tr>
  );
}

function UpOrSince({ service: { status, instances, down_since }, at }: { service: ServiceFigures; at: string }): ReactElement {
  const words = upInWords(status, instances);
  if (status !== "down" || !down_since) return <span className={status === "down" ? "bad f11" : "t3 f11"}>{words}</span>;
  return (
    <span className="bad f11" title={`${words}, since ${exactly(down_since)}`}>
      down for {passed(down_since, Date.parse(at))}
    </span>
  );
}

interface FigureProps {
  label: string;
  text: string;
  times: readonly number[];
  values: Course;
  colour: Colour;
  top?: number;
  say: (value: number) => string;
}

function Figure({ text, colour, ...chart }: FigureProps): ReactElement {
  const [figure, unit] = apart(text);
  const tone = unit === "" ? "t3" : colour === "--bad" ? "bad b6" : "";
  return (
    <td>
      <span className="op-cell">
        <Chart {...chart} colour={colour} height={HEIGHT} />
        <span className={`nw ${tone}`}>
          {figure} {unit && <small>{unit}</small>}
        </span>
      </span>
    </td>
  );
}
