/** The service map: who calls whom, as seen in the last minutes. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useLocation } from "wouter";
import { operations, type ServiceMap } from "../api";
import { Button, sayFailure } from "../ui";
import { Answer, Card, Nothing, Sideways } from "./Card";
import { duration, rate, share } from "./figures";
import { BOX, layersOf, placesOf, worstEdge, type Place } from "./layers";

const AGAIN_MS = 30_000;
const MARKS = { healthy: "--ok", degraded: "--warn", down: "--bad", unknown: "--c5" } as const;

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
    <Card title="Service map" note="last 5 minutes" action={open}>
      <Answer of={query}>{(map) => (map.nodes.length > 0 ? <Drawn map={map} /> : <Nothing>No data yet: no calls were seen.</Nothing>)}</Answer>
    </Card>
  );
}

function Drawn({ map }: { map: ServiceMap }): ReactElement {
  const { places, width, height } = placesOf(layersOf(map.nodes.map(({ id }) => id), map.edges));
  const worst = worstEdge(map.edges);
  return (
    <>
      <Sideways label="Service map">
        <svg className="op-map" viewBox={`0 0 ${width} ${height}`} width={width} role="img" aria-label={inWords(map)}>
          {map.edges.map((edge) => (
            <Line key={`${edge.source} ${edge.target} ${edge.kind}`} edge={edge} bad={edge === worst} from={places.get(edge.source)} to={places.get(edge.target)} />
          ))}
          {map.nodes.map((node) => (
            <Part key={node.id} node={node} at={places.get(node.id)} />
          ))}
        </svg>
      </Sideways>
      <p className="op-legend t3 f12">
        Solid: seen. Dashed: declared, not seen yet. Dotted: not seen lately. Red: fails most.
        {map.critical_path.length > 1 && ` Slowest chain: ${map.critical_path.join(" → ")}.`}
      </p>
    </>
  );
}

/** The map for those who do not see it. */
function inWords(map: ServiceMap): string {
  return map.edges.map((edge) => `${edge.source} to ${edge.target}: ${edge.state}, ${rate(edge.rate)}, ${share(edge.error_ratio, 1)} errors`).join("; ");
}

interface LineProps {
  edge: ServiceMap["edges"][number];
  bad: boolean;
  from: Place | undefined;
  to: Place | undefined;
}

function Line({ edge, bad, from, to }: LineProps): ReactElement | null {
  if (!from || !to || edge.source === edge.target) return null;
  const [x1, y1, x2, y2] = [from.x + BOX.width / 2, from.y + BOX.height, to.x + BOX.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  const path = y2 > y1 ? `M${x1} ${y1}V${middle}H${x2}V${y2}` : `M${x1} ${y1}C${x1} ${y1 + 40} ${x2} ${y2 - 40} ${x2} ${y2}`;
  return (
    <path className={`op-edge ${edge.state}${bad ? " op-red" : ""}`} d={path} strokeWidth={Math.min(4, 1 + Math.log10(1 + (edge.rate ?? 0)))}>
      <title>{`${edge.source} → ${edge.target}: ${rate(edge.rate)} · ${share(edge.error_ratio, 1)} · ${duration(edge.p95_seconds)} (${edge.state})`}</title>
    </path>
  );
}

function Part({ node, at }: { node: ServiceMap["nodes"][number]; at: Place | undefined }): ReactElement | null {
  if (!at) return null;
  const up = node.instances ? `${node.instances.up} of ${node.instances.known} up` : node.kind;
  return (
    <g className={`op-node ${node.kind}`} transform={`translate(${at.x} ${at.y})`}>
      <rect width={BOX.width} height={BOX.height} rx={node.kind === "service" ? 6 : 10} />
      <circle cx="14" cy="16" r="4" fill={`var(${MARKS[node.status]})`} />
      <text x="26" y="20">{node.name}</text>
      <text x="26" y="35" className="op-small">
        {node.status === "healthy" ? up : `${node.status}, ${up}`}
      </text>
    </g>
  );
}
