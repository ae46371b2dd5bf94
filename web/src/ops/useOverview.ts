/** The figures of the page: all of a range when it is chosen, those of now as they come; nothing while hidden. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { followOverview, operations, type Moment, type OpsRange, type Overview } from "../api";

export type Line = "live" | "lost" | "waiting";

const MOMENT_COVERS: OpsRange = "15m";
/** These totals are of the whole range; the others are of the last minutes, whatever the range. */
const OF_THE_RANGE: ReadonlySet<string> = new Set(["availability"]);
const HISTORY_EVERY_MS = 60_000;
const FAILED_AGAIN_MS = 5_000;

/**
 * What is known now, with the history of the range. A moment's rates are those of 15 minutes: they replace those of
 * the overview only where it covers the same time; totals, state and fullness are of now in any case.
 */
export function joined(overview: Overview, moment: Moment | undefined, range: OpsRange): Overview {
  if (!moment || moment.at <= overview.at) return overview;
  const { at, worst, alerts } = moment;
  const now = { ...overview, at, worst, alerts };
  const passed = Math.round((Date.parse(at) - Date.parse(overview.at)) / 1_000);
  if (range === MOMENT_COVERS) return { ...now, times: overview.times.map((time) => time + passed), totals: moment.totals, services: moment.services, saturation: moment.saturation };
  const services = new Map(moment.services.map((service) => [service.name, service]));
  const parts = new Map(moment.saturation.map((part) => [part.id, part]));
  return {
    ...now,
    totals: overview.totals.map((total) => (OF_THE_RANGE.has(total.id) ? total : { ...total, value: moment.totals.find(({ id }) => id === total.id)?.value ?? null })),
    services: overview.services.map((service) => {
      const { status, instances, down_since } = services.get(service.name) ?? service;
      return { ...service, status, instances, down_since };
    }),
    saturation: overview.saturation.map((part) => ({ ...part, ...parts.get(part.id), series: part.series, forecast: part.forecast })),
  };
}

export function useOverview(range: OpsRange) {
  const query = useQuery({ queryKey: ["ops", "overview", range], queryFn: ({ signal }) => operations.overview(range, signal), refetchInterval: ({ state }) => (state.status === "error" ? FAILED_AGAIN_MS : HISTORY_EVERY_MS), placeholderData: keepPreviousData });
  const client = useQueryClient();
  const [moment, setMoment] = useState<Moment>();
  const [line, setLine] = useState<Line>("waiting");

  useEffect(() => {
    let stop: (() => void) | undefined;
    let wasLost = false;
    const turn = () => {
      stop?.();
      stop = undefined;
      if (document.hidden) return setLine("waiting");
      stop = followOverview((next) => {
        setMoment(next);
        setLine("live");
        // What was not heard meanwhile is asked for.
        if (wasLost) void client.invalidateQueries({ queryKey: ["ops"] });
        wasLost = false;
      }, () => {
        wasLost = true;
        setLine("lost");
      });
    };
    turn();
    document.addEventListener("visibilitychange", turn);
    return () => {
      stop?.();
      document.removeEventListener("visibilitychange", turn);
    };
  }, [client]);

  const overview = query.data && joined(query.data, moment, range);
  return { overview, line, error: query.error, refresh: () => void client.invalidateQueries({ queryKey: ["ops"] }), busy: query.isFetching };
}
