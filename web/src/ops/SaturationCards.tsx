/** How full each thing is that can run out, the line at 90 %, and when it would be full. */
import { useMemo, type ReactElement } from "react";
import type { Saturation } from "../api";
import { exactly } from "../ui";
import { Chart, type Colour } from "./charts/Chart";
import { hasAny, horizon } from "./charts/course";
import { fullness, lasting, share } from "./figures";

const LIMIT = 0.9;
const HEIGHT = 48;
const COLOURS: Partial<Record<Saturation["id"], Colour>> = { pool: "--c2", loop: "--c2" };

interface SaturationProps {
  parts: readonly Saturation[];
  times: readonly number[];
  range: string;
}

export function SaturationCards({ parts, times, range }: SaturationProps): ReactElement {
  return (
    <div className="op-saturation">
      {parts.map((part) => (
        <Part key={part.id} part={part} times={times} range={range} />
      ))}
    </div>
  );
}

function Part({ part, times, range }: { part: Saturation; times: readonly number[]; range: string }): ReactElement {
  const { label, ratio, series, forecast } = part;
  const fullAt = forecast ? Date.parse(forecast.at) / 1_000 : undefined;
  const ahead = useMemo(() => (fullAt === undefined ? undefined : { fullAt }), [fullAt]);
  const isOver = (ratio ?? 0) >= LIMIT;
  const colour = isOver ? "--bad" : forecast ? "--warn" : (COLOURS[part.id] ?? "--c1");
  const measured = hasAny(series);
  const coming = horizon(times, ahead);
  return (
    <section className="card op-part" aria-label={label}>
      <h3 className="row">
        <span className="grow">{label}</span>
        {forecast && (
          <span className={isOver ? "bad f12" : "warn f12"} title={exactly(forecast.at)}>
            {forecast.text}
          </span>
        )}
        {part.note && !forecast && <span className="warn f12">{part.note}</span>}
      </h3>
      <p className="nw">
        <b className={ratio === null ? "op-figure t3" : isOver ? "op-figure bad" : "op-figure"}>{share(ratio, 0)}</b> <span className="t3 f12">{fullness(part)}</span>
      </p>
      {measured ? (
        <Chart label={label} times={times} values={series} colour={colour} height={HEIGHT} top={1} limit={LIMIT} ahead={ahead} say={(value) => share(value, 0)} />
      ) : (
        <p className="op-blank t3 f12">not measured</p>
      )}
      <p className="row t3 f11">
        <span>{range} ago</span>
        <span className="grow op-middle">dashed line 90 %</span>
        <span>{coming > 0 ? `in ${lasting(coming)}` : "now"}</span>
      </p>
    </section>
  );
}
