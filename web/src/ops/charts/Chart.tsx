/** One figure over time: zero based, one colour, a dashed limit, a dashed way to it. Drawn by uPlot, never animated. */
import { useEffect, useMemo, useRef, useSyncExternalStore, type ReactElement } from "react";
import "./language";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { alone, foreseen, hasAny, inWords, isMeasured, type Ahead, type Course } from "./course";

/** A colour of tokens.css. */
export type Colour = "--c1" | "--c2" | "--c5" | "--warn" | "--bad";

interface ChartProps {
  label: string;
  /** Unix seconds, one a value. */
  times: readonly number[];
  values: Course;
  colour: Colour;
  height: number;
  /** The upper end; the highest value where it is left out. */
  top?: number;
  /** Where the dashed line is. */
  limit?: number;
  ahead?: Ahead | undefined;
  say: (value: number) => string;
}

const AREA = "1f";
/** 12 % of 255 in two hexadecimal digits, as the design has areas. */
const TOGETHER = "operations";

export function Chart({ label, times, values, colour, height, top, limit, ahead, say }: ChartProps): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ top, say });
  const theme = useShownTheme();
  const drawn = useMemo(() => foreseen(times, values, ahead), [times, values, ahead]);
  const data = useMemo<uPlot.AlignedData>(() => [drawn.times, drawn.values, drawn.ahead, drawn.times.map(() => limit ?? null)], [drawn, limit]);
  const shown = useRef(data);

  useEffect(() => {
    latest.current = { top, say };
    shown.current = data;
    plot.current?.setData(data);
  }, [data, top, say]);

  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const made = new uPlot(
      {
        width: Math.max(1, box.clientWidth),
        height,
        padding: [2, 0, 0, 0],
        legend: { show: false },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        axes: [{ show: false }, { show: false }],
        scales: {
          x: { time: false },
          y: { range: (_, __, most) => [0, latest.current.top ?? (most > 0 ? most * 1.1 : 1)] },
        },
        series: [{}, ...linesIn(token(colour), token("--line-control"))],
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: TOGETHER }, points: { size: 6 } },
        hooks: { setCursor: [(self) => tell(self, tip.current, latest.current.say)] },
      },
      shown.current,
      box,
    );
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: Math.max(1, box.clientWidth), height }));
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [colour, height, theme]);

  return (
    <div ref={frame} className="op-chart" style={{ height }} role="img" aria-label={inWords(label, values, say)} data-measured={hasAny(values)}>
      <span ref={tip} className="op-tip" aria-hidden="true" hidden />
    </div>
  );
}

/** What was measured, what is foreseen, and the limit. */
function linesIn(colour: string, quiet: string): uPlot.Series[] {
  const none = { show: false };
  return [
    {
      stroke: colour,
      fill: colour + AREA,
      width: 1.4,
      points: { show: true, size: 4, fill: colour, filter: (self) => alone(Array.from(self.data[1] ?? [], (value) => value ?? null)) },
    },
    { stroke: colour, width: 1.4, dash: [4, 3], points: none },
    { stroke: quiet, width: 1, dash: [2, 3], points: none },
  ];
}

/** Say the value under the pointer, beside it. */
function tell(self: uPlot, tip: HTMLElement | null, say: (value: number) => string): void {
  if (!tip) return;
  const { idx, left } = self.cursor;
  const value = typeof idx === "number" ? self.data[1]?.[idx] : undefined;
  const time = typeof idx === "number" ? self.data[0][idx] : undefined;
  tip.hidden = left === undefined || left < 0 || time === undefined || !self.over.matches(":hover");
  if (tip.hidden || left === undefined || time === undefined) return;
  const at = new Date(time * 1_000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  tip.textContent = `${at}  ${isMeasured(value) ? say(value) : "not measured"}`;
  tip.style.transform = `translateX(${Math.round(Math.min(left, self.over.clientWidth) - tip.offsetWidth / 2)}px)`;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function follow(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

/** The theme as it is on the page, from whichever source: colours are read again when it changes. */
function useShownTheme(): string | undefined {
  return useSyncExternalStore(follow, () => document.documentElement.dataset["theme"]);
}
