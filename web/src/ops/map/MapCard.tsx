/** The service map: who calls whom, as seen in the last minutes; rate, errors and p95 at each line. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { ZoomIn, ZoomOut } from "lucide-react";
import { useMemo, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { operations, type ServiceMap } from "../../api";
import { Button, sayFailure, useWidth } from "../../ui";
import { Answer, Card, Nothing, Sideways } from "../Card";
import { layoutOf } from "./layout";
import { MapDrawing } from "./MapDrawing";

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
  const [isWhole, setWhole] = useState(true);
  const [frame, setFrame] = useState<HTMLElement | null>(null);
  const { inner } = useWidth(frame);
  const layout = useMemo(() => layoutOf(map.nodes.map(({ id }) => id), map.edges), [map]);
  const isSmaller = inner > 0 && inner < layout.width;
  const drawing = <MapDrawing map={map} layout={layout} />;
  return (
    <div className="op-mapped" ref={setFrame}>
      {isSmaller && (
        <div className="op-zoom">
          <Button size="xs" icon={isWhole ? ZoomIn : ZoomOut} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Full size" : "Fit"}
          </Button>
        </div>
      )}
      {isWhole || !isSmaller ? <div className="op-whole">{drawing}</div> : <Sideways label="Service map, full size">{drawing}</Sideways>}
      <p className="op-legend t3 f11">
        Line width: rate. Dashed: declared, not seen yet. Dotted: not seen lately. Red: fails most.
        {map.critical_path.length > 1 && ` Slowest chain: ${map.critical_path.join(", ")}.`}
        {map.cycles.length > 0 && ` In a circle: ${map.cycles.map((circle) => circle.join(" and ")).join("; ")}.`}
      </p>
    </div>
  );
}
