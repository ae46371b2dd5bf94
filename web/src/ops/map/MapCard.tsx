/** The service map: who calls whom, as seen in the last minutes; rate, errors and p95 at each line. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, type ReactElement } from "react";
import { useLocation } from "wouter";
import { operations, type ServiceMap } from "../../api";
import { Button, sayFailure } from "../../ui";
import { Answer, Card, Nothing, Sideways } from "../Card";
import { duration, rate, share } from "../figures";
import { statusTone, statusWord, upInWords } from "../Status";
import { layoutOf, worstEdge, type Box, type Edge, type Route } from "./layout";

const AGAIN_MS = 5_000;

export function MapCard(): ReactElement {
  const [, go] = useLocation();
  const query = useQuery({ queryKey: ["ops", "map"], queryFn: ({ signal }) => operations.map(signal), refetchInterval: AGAIN_MS });
  const keep = useMutation({
    mutationFn: operations.documentOfMap,
    onSuccess: ({ id }) => go(`/d/${id}`),
    onError: () => sayFailure("The map was not kept as a document. Try again."),
  });
  const open = (
    <Button size="s" busy={keep.isPending} onClick={() => keep.mutate()}>
      Open as document
    </Button>
  );
  return (
    <Card title="Service map" note="last 5 min: rate, errors, p95" action={open}>
      <Answer of={query}>{(map) => (map.nodes.length > 0 ? <Drawn map={map} /> : <Nothing>No data yet: no calls were seen.</Nothing>)}</Answer>
    </Card>
  );
}

function Drawn({ map }: { map: ServiceMap }): ReactElement {
  const { boxes, routes, width, height } = useMemo(() => layoutOf(map.nodes.map(({ id }) => id), map.edges), [map]);
  const worst = worstEdge(map.edges);
  const inOrder = [...routes].sort((one, other) => Number(one.edge === worst) - Number(other.edge === worst));
  return (
    <div className="op-mapped">
      <Sideways label="Service map">
        <svg className="op-map" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={inWords(map)}>
          <Arrow id="op-arrow" />
          <Arrow id="op-arrow-bad" />
          {inOrder.map((route) => (
            <Line key={`${route.edge.source} ${route.edge.target} ${route.edge.kind}`} route={route} bad={route.edge === worst} />
          ))}
          {map.nodes.map((node) => (
            <Part key={node.id} node={node} at={boxes.get(node.id)} />
          ))}
          {inOrder.map((route) => (
            <Figures key={`${route.edge.source} ${route.edge.target} ${route.edge.kind}`} route={route} bad={route.edge === worst} />
          ))}
        </svg>
      </Sideways>
      <p className="op-legend t3 f11">
        Line width: rate. Dashed: declared, not seen yet. Dotted: not seen lately. Red: fails most.
        {map.critical_path.length > 1 && ` Slowest chain: ${map.critical_path.join(", ")}.`}
        {map.cycles.length > 0 && ` In a circle: ${map.cycles.map((circle) => circle.join(" and ")).join("; ")}.`}
      </p>
    </div>
  );
}

function Arrow({ id }: { id: string }): ReactElement {
  return (
    <marker id={id} className={id} viewBox="0 0 6 6" refX="6" refY="3" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
      <path d="M0 0L6 3L0 6Z" />
    </marker>
  );
}

/** The map for those who do not see it. */
function inWords(map: ServiceMap): string {
  const parts = map.nodes.filter(({ kind }) => kind !== "people").map(({ name, status, instances }) => `${name}: ${upInWords(status, instances)}`);
  const calls = map.edges.map((edge) => `${edge.source} to ${edge.target}: ${edge.state}, ${rate(edge.rate)}, ${share(edge.error_ratio, 1)} errors`);
  return [...parts, ...calls].join("; ");
}

interface LineProps {
  route: Route<Edge>;
  bad: boolean;
}

function Line({ route: { edge, path }, bad }: LineProps): ReactElement {
  return (
    <path
      className={`op-edge ${edge.state}${bad ? " op-red" : ""}`}
      d={path}
      strokeWidth={Math.min(4, 1 + Math.log10(1 + (edge.rate ?? 0)))}
      markerEnd={`url(#${bad ? "op-arrow-bad" : "op-arrow"})`}
    >
      <title>{`${edge.source} to ${edge.target}: ${rate(edge.rate)} · ${share(edge.error_ratio, 1)} · ${duration(edge.p95_seconds)} (${edge.state})`}</title>
    </path>
  );
}

/** The figures of a line: the rate above it, errors and p95 below. What was not measured has none. */
function Figures({ route: { edge, label }, bad }: LineProps): ReactElement | null {
  if (edge.rate === null) return null;
  const lower = edge.error_ratio === null ? "" : `${share(edge.error_ratio, edge.error_ratio < 0.1 ? 1 : 0).replace(" ", "")} · ${duration(edge.p95_seconds).replace(" ", "")}`;
  return (
    <g className={bad ? "op-edge-label op-red" : "op-edge-label"} textAnchor={label.anchor} aria-hidden="true">
      <text x={label.x} y={label.y - 4}>
        {rate(edge.rate).replace(" ", "")}
      </text>
      <text x={label.x} y={label.y + 11}>
        {lower}
      </text>
    </g>
  );
}

function Part({ node, at }: { node: ServiceMap["nodes"][number]; at: Box | undefined }): ReactElement | null {
  if (!at) return null;
  const middle = at.height / 2;
  const isPeople = node.kind === "people";
  const start = isPeople ? 12 : 24;
  return (
    <g className={`op-node ${node.kind} op-${node.status}`} transform={`translate(${at.x} ${at.y})`}>
      <rect width={at.width} height={at.height} rx={node.kind === "service" || isPeople ? 6 : 10} />
      {!isPeople && <circle cx="13" cy={middle - 7} r="3.5" className={statusTone(node.status)} />}
      <text x={start} y={middle - 3}>
        {node.name}
      </text>
      <text x={start} y={middle + 11} className="op-small">
        {isPeople ? "people" : node.status === "healthy" ? upInWords(node.status, node.instances) : statusWord(node.status)}
      </text>
    </g>
  );
}
