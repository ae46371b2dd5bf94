/** The documents that are on screen, fetched page by page; what is not shown is not asked for. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { diagrams, type DocumentHead, type Page, type SortBy, type SortOrder } from "../api";

export const PAGE_SIZE = 24;
const SCROLL_RESTS_MS = 90;

export type Place = "all" | "trash";

export interface Wanted {
  place: Place;
  q: string;
  sort_by: SortBy;
  sort_order: SortOrder;
}

export interface Range {
  first: number;
  last: number;
}

export interface Documents {
  /** How many there are in all; undefined until the first page is here. */
  total: number | undefined;
  at: (index: number) => DocumentHead | undefined;
  /** What is shown may answer an older question while the new answer is on its way. */
  stale: boolean;
  error: unknown;
  retry: () => void;
}

export const DOCUMENTS = "documents";

function pageQuery(wanted: Wanted, page: number) {
  return {
    queryKey: [DOCUMENTS, wanted.place, wanted.q, wanted.sort_by, wanted.sort_order, page],
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<Page<DocumentHead>> =>
      wanted.place === "trash"
        ? diagrams.trash(page, PAGE_SIZE, signal)
        : diagrams.list({ page, page_size: PAGE_SIZE, q: wanted.q, sort_by: wanted.sort_by, sort_order: wanted.sort_order }, signal),
  };
}

/** The value as it was once it has not changed for a while. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

/** Which pages hold the documents from `first` to `last`, counted from 1. */
export function pagesOf({ first, last }: Range): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE_SIZE) + 1;
  const to = Math.floor(Math.max(first, last, 0) / PAGE_SIZE) + 1;
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}

export function useDocuments(wanted: Wanted, range: Range): Documents {
  const [shown, show] = useState(wanted);
  const head = useQuery(pageQuery(wanted, 1));
  const same = keyOf(shown) === keyOf(wanted);
  // The old answer stays on screen until the new one is here, unless it is of another place.
  if (!same && (head.data || head.error || shown.place !== wanted.place)) show(wanted);

  const pages = useSettled(pagesOf(range).join(), SCROLL_RESTS_MS);
  const numbers = pages.split(",").map(Number);
  const results = useQueries({ queries: numbers.map((page) => pageQuery(shown, page)) });

  const first = useQuery({ ...pageQuery(shown, 1), enabled: same });
  const answered = [first.data, ...results.map((result) => result.data)];
  const byPage = new Map(answered.filter((page) => page !== undefined).map((page) => [page.page, page.items]));
  const at = (index: number) => byPage.get(Math.floor(index / PAGE_SIZE) + 1)?.[index % PAGE_SIZE];
  const failed = [head, ...results].find((result) => result.isError);
  const retry = useCallback(() => void failed?.refetch(), [failed]);
  return { total: first.data?.total, at, stale: !same, error: failed?.error ?? null, retry };
}

function keyOf({ place, q, sort_by, sort_order }: Wanted): string {
  return [place, sort_by, sort_order, q].join("\n");
}
