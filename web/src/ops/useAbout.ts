/** What is running and how it is set, asked once. */
import { useQuery } from "@tanstack/react-query";
import { operations } from "../api";

export type About = Awaited<ReturnType<typeof operations.about>>;

const AGAIN_MS = 60_000;
const TELLS_OF_ALERTS = "watch";

export const useAbout = () => useQuery({ queryKey: ["ops", "about"], queryFn: ({ signal }) => operations.about(signal), refetchInterval: AGAIN_MS });

/** A number among the settings of the watch; nothing where it is not known. */
export function useSetting(name: string): number | undefined {
  const settings = useAbout().data?.settings.filter((one) => one.name === name);
  const found = settings?.find(({ services }) => services.includes(TELLS_OF_ALERTS)) ?? settings?.[0];
  return found && Number.isFinite(Number(found.value)) ? Number(found.value) : undefined;
}
