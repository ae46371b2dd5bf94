/** What was found in a repository: its parts at the left, the drawing at the right. */
import { useQuery } from "@tanstack/react-query";
import { Archive, ArrowUpRight, Box, Database, Globe, KeyRound, Layers, Rows3, Settings2, TriangleAlert, User, type LucideIcon } from "lucide-react";
import { useMemo, type ReactElement } from "react";
import { analysis, drawing, type FoundNode, type Job, type JobSummary, type Kind, type Model } from "../api";
import { counted, Failure, Icon, useTheme } from "../ui";
import { Picture } from "./Picture";

const SIGNS: Readonly<Record<Kind, LucideIcon>> = {
  user: User,
  loadgen: User,
  frontend: Globe,
  gateway: Box,
  service: Box,
  auth: KeyRound,
  queue: Rows3,
  database: Database,
  cache: Layers,
  storage: Archive,
  external: ArrowUpRight,
  config: Settings2,
  discovery: Settings2,
  observability: Settings2,
};

/** "14 services · 6 stores · 23 edges"; what is not there is not counted. */
export function foundLine({ services, stores, queues, edges }: JobSummary): string {
  const parts: [number, string][] = [
    [services, "service"],
    [stores, "store"],
    [queues, "queue"],
    [edges, "edge"],
  ];
  return parts.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun)).join(" · ") || "nothing to draw";
}

export function unresolvedBySource(model: Model | undefined): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  model?.unresolved.forEach(({ source }) => counts.set(source, (counts.get(source) ?? 0) + 1));
  return counts;
}

export function Found({ job, summary }: { job: Job; summary: JobSummary }): ReactElement {
  const theme = useTheme();
  const model = useQuery({ queryKey: ["job", job.id, "model"], queryFn: ({ signal }) => analysis.model(job.id, signal), staleTime: Infinity });
  const picture = useQuery({
    queryKey: ["job", job.id, "picture", theme],
    queryFn: ({ signal }) => drawing.render({ ...(model.data && { model: model.data }), theme }, signal),
    enabled: model.data !== undefined,
    staleTime: Infinity,
  });
  const unresolved = useMemo(() => unresolvedBySource(model.data), [model.data]);
  const failed = model.error ?? picture.error;
  return (
    <div className="find">
      <div className="found">
        <div className="find-h">
          <span className="b5 nw">Found in {summary.seconds.toFixed(1)} s</span>
          <span className="grow" />
          <span className="t3 f12 tn trunc">{foundLine(summary)}</span>
        </div>
        <ul className="tree" tabIndex={0} aria-label="What was found">
          {summary.nodes.map((node) => (
            <FoundLine key={node.id} node={node} unresolved={unresolved.get(node.id) ?? 0} />
          ))}
        </ul>
      </div>
      <div className="pre">
        <div className="canvas-area">
          {failed ? (
            <Failure title="The preview could not be drawn" error={failed} retry={() => void (model.error ? model : picture).refetch()} />
          ) : picture.data?.svg ? (
            <Picture svg={picture.data.svg} label="Preview of the diagram" />
          ) : (
            <span className="spin t3 later" role="status" aria-label="Drawing the preview" />
          )}
        </div>
        <Doubts summary={summary} />
      </div>
    </div>
  );
}

function FoundLine({ node, unresolved }: { node: FoundNode; unresolved: number }): ReactElement {
  return (
    <li>
      <span className="t3">
        <Icon of={SIGNS[node.kind] ?? Box} size={14} />
      </span>
      <span className="mono trunc">{node.name}</span>
      <span className="t3 nw made">{node.technology}</span>
      <span className="grow" />
      <span className={unresolved > 0 ? "warn tn nw" : "t3 tn nw"}>
        {counted(node.edges, "edge")}
        {unresolved > 0 && `, ${unresolved} unresolved`}
      </span>
    </li>
  );
}

function Doubts({ summary: { unresolved, skipped } }: { summary: JobSummary }): ReactElement | null {
  const lines = [
    unresolved > 0 && `${counted(unresolved, "call")} ${unresolved === 1 ? "has" : "have"} no known target yet`,
    skipped > 0 && `${counted(skipped, "file")} could not be read`,
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return (
    <div className="pre-f">
      <span className="warn">
        <Icon of={TriangleAlert} />
      </span>
      {lines.join(" · ")}
    </div>
  );
}
