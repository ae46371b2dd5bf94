/** How full each thing is that can run out, the line at 90 %, and when it would be full. */
import type { ReactElement } from "react";
import type { Saturation } from "../api";
import { exactly } from "../ui";
import { fullness, lineOf, share } from "./figures";

const LIMIT = 0.9;
const WIDTH = 240;
const HEIGHT = 48;

export function SaturationCards({ parts, range }: { parts: readonly Saturation[]; range: string }): ReactElement {
  return (
    <div className="op-saturation">
      {parts.map((part) => (
        <section key={part.id} className="card op-part" aria-label={part.label}>
          <h3 className="row">
            <span className="grow">{part.label}</span>
            {part.forecast && (
              <span className="warn f12" title={exactly(part.forecast.at)}>
                {part.forecast.text}
              </span>
            )}
          </h3>
          <p>
            <b className={part.ratio === null ? "op-figure t3" : part.ratio >= LIMIT ? "op-figure bad" : "op-figure"}>{share(part.ratio, 0)}</b>{" "}
            <span className="t3 f12">{fullness(part)}</span>
            {part.note && <span className="warn f12"> {part.note}</span>}
          </p>
          <svg className="op-course" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
            <path d={`M0 ${HEIGHT * (1 - LIMIT)}H${WIDTH}`} stroke="var(--line-control)" strokeDasharray="4 3" vectorEffect="non-scaling-stroke" />
            <path d={lineOf(part.series, WIDTH, HEIGHT, 1)} fill="none" stroke={`var(${(part.ratio ?? 0) >= LIMIT ? "--bad" : "--c1"})`} strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
          </svg>
          <p className="row t3 f12">
            <span>{range} ago</span>
            <span className="grow op-middle">dashed line 90 %</span>
            <span>now</span>
          </p>
        </section>
      ))}
    </div>
  );
}
