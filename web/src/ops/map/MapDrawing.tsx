/** The drawing of the service map. Tab stops at it once; arrows walk from a part over its calls to the next part. */
import { useState, type KeyboardEvent, type ReactElement, type ReactNode } from "react";
import { Link } from "wouter";
import type { ServiceMap } from "../../api";
import { counted } from "../../ui";
import { duration, rate, share } from "../figures";
import { statusTone, statusWord, upInWords } from "../Status";
import { worstEdge, type Box, type Edge, type Layout, type Route } from "./layout";

type Node = ServiceMap["nodes"][number];

interface MapDrawingProps {
  map: ServiceMap;
  layout: Layout;
}

export function MapDrawing({ map, layout: { boxes, routes, width, height } }: MapDrawingProps): ReactElement {
  const [at, setAt] = useState<string>();
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const shown = [...boxes].flatMap(([id, box]) => ({ node: nodes.get(id), box, calls: routes.filter(({ edge }) => edge.source === id) }));
  const worst = routes.find(({ edge }) => edge === worstEdge(map.edges));
  const stops = shown.flatMap(({ node, calls }) => [node?.id, ...calls.map(({ edge }) => keyOf(edge))]);
  const current = at !== undefined && stops.includes(at) ? at : stops[0];
  const stop = (key: string) => ({ tabIndex: key === current ? 0 : -1, onFocus: () => setAt(key), "data-stop": key });
  return (
    <svg className="op-map" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="group" aria-label={`Service map: ${counted(map.nodes.length, "part")}, ${counted(map.edges.length, "call")}. Arrows walk them.`} onKeyDown={walk}>
      <Arrow id="op-arrow" />
      <Arrow id="op-arrow-bad" />
      {shown.map(
        ({ node, box, calls }) =>
          node && (
            <g key={node.id}>
              <Stop to={pageOf(node)} label={wordsOf(node)} {...stop(node.id)}>
                <Part node={node} at={box} />
              </Stop>
              {calls.map(({ edge, path }) => (
                <Stop key={keyOf(edge)} to={pageOf(nodes.get(edge.target)) ?? pageOf(node)} label={callInWords(edge)} {...stop(keyOf(edge))}>
                  <path className="op-hit" d={path} />
                  <Line edge={edge} path={path} bad={edge === worst?.edge} />
                  <title>{callInWords(edge)}</title>
                </Stop>
              ))}
            </g>
          ),
      )}
      <g aria-hidden="true" className="op-above">
        {worst && <Line {...worst} bad />}
        {routes.map((route) => (
          <Figures key={keyOf(route.edge)} route={route} bad={route === worst} />
        ))}
      </g>
    </svg>
  );
}

const STEPS: Readonly<Record<string, (here: number, count: number) => number>> = {
  ArrowRight: (here, count) => (here + 1) % count,
  ArrowDown: (here, count) => (here + 1) % count,
  ArrowLeft: (here, count) => (here - 1 + count) % count,
  ArrowUp: (here, count) => (here - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function walk(event: KeyboardEvent<SVGSVGElement>): void {
  const step = STEPS[event.key];
  if (!step) return;
  const stops = [...event.currentTarget.querySelectorAll<SVGElement>("[data-stop]")];
  const here = stops.findIndex((one) => one === document.activeElement);
  event.preventDefault();
  stops[step(here, stops.length)]?.focus();
}

interface StopProps {
  /** The page about it, where there is one. */
  to: string | undefined;
  label: string;
  tabIndex: number;
  onFocus: () => void;
  "data-stop": string;
  children: ReactNode;
}

function Stop({ to, label, children, ...stop }: StopProps): ReactElement {
  if (to) {
    return (
      <Link href={to} aria-label={label} {...stop}>
        {children}
      </Link>
    );
  }
  return (
    <g role="img" aria-label={label} {...stop}>
      {children}
    </g>
  );
}

const keyOf = ({ source, target, kind }: Edge): string => `${source} ${target} ${kind}`;

function pageOf(node: Node | undefined): string | undefined {
  if (node?.kind === "service") return `/operations/services/${node.id}`;
  return node?.kind === "database" ? "/operations/queries" : undefined;
}

/** Begins with what stands on it, so that it can be called by that. */
function wordsOf({ name, kind, status, instances }: Node): string {
  return kind === "people" ? `${name} ${kind}` : `${name} ${upInWords(status, instances)}, ${kind}`;
}

/** A call for those who do not see it, and for whoever rests on its line. */
export function callInWords({ source, target, state, ...edge }: Edge): string {
  if (edge.rate === null) return `${source} calls ${target}: ${state}, not measured`;
  return `${source} calls ${target}: ${state}, ${rate(edge.rate)}, ${share(edge.error_ratio, 1)} errors, p95 ${duration(edge.p95_seconds)}`;
}

function Arrow({ id }: { id: string }): ReactElement {
  return (
    <marker id={id} className={id} viewBox="0 0 6 6" refX="6" refY="3" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
      <path d="M0 0L6 3L0 6Z" />
    </marker>
  );
}

function Line({ edge, path, bad }: Pick<Route, "edge" | "path"> & { bad: boolean }): ReactElement {
  return (
    <path
      className={`op-edge ${edge.state}${bad ? " op-red" : ""}`}
      d={path}
      strokeWidth={Math.min(4, 1 + Math.log10(1 + (edge.rate ?? 0)))}
      markerEnd={`url(#${bad ? "op-arrow-bad" : "op-arrow"})`}
    />
  );
}

/** The figures of a line: the rate above it, errors and p95 below. What was not measured has none. */
function Figures({ route: { edge, label }, bad }: { route: Route; bad: boolean }): ReactElement | null {
  if (edge.rate === null) return null;
  const errors = edge.error_ratio === null ? "" : share(edge.error_ratio, edge.error_ratio < 0.1 ? 1 : 0).replace(" ", "");
  const lower = errors && edge.p95_seconds !== null ? `${errors} · ${duration(edge.p95_seconds).replaceAll(" ", "")}` : errors;
  return (
    <g className={bad ? "op-edge-label op-red" : "op-edge-label"} textAnchor={label.anchor}>
      <text x={label.x} y={label.y - 4}>
        {rate(edge.rate).replaceAll(" ", "")}
      </text>
      <text x={label.x} y={label.y + 11}>
        {lower}
      </text>
    </g>
  );
}

function Part({ node, at }: { node: Node; at: Box }): ReactElement {
  const middle = at.height / 2;
  const isPeople = node.kind === "people";
  const start = isPeople ? 12 : 24;
  return (
    <g className={`op-node ${node.kind} op-${node.status}`} transform={`translate(${at.x} ${at.y})`}>
      <rect width={at.width} height={at.height} rx={node.kind === "service" || isPeople ? 6 : 10} />
      {!isPeople && <circle cx="13" cy={middle - 7} r="3.5" className={statusTone(node.status)} />}
      <text x={start} y={middle - 3}>
        {node.name}
      </text>{" "}
      <text x={start} y={middle + 11} className="op-small">
        {isPeople ? "people" : node.status === "healthy" ? upInWords(node.status, node.instances) : statusWord(node.status)}
      </text>
    </g>
  );
}
