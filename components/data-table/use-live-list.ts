"use client";
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Hint } from "@/components/live/source";
import { concerns, useLive } from "@/components/live/use-live";
import { coalesce, coalesceItems } from "@/lib/coalesce";
import type { Page } from "@/lib/domain/page";
import type { LiveTopic } from "@/lib/words";
import { type Above, countAbove, type Row, replaceHead, updateInPlace } from "./pages";

/** A page that comes in parts, if its reader likes. */
export type Reading<T extends Row> = {
  /** What there is of the page, and how far it reaches. */
  onPart: (page: Page<T>) => void;
  /** The reader has seen enough: what there is, is the page. */
  stop: AbortSignal;
};

export type UseLiveList<T extends Row> = {
  projectId: string;
  topic: LiveTopic;
  /** The filter as a stable text; a change of it is another list. */
  filterKey: string;
  /** What the server rendered, for `initialKey`; null: nothing. */
  initial: Page<T> | null;
  initialKey: string;
  fetchPage: (cursor: string | null, signal?: AbortSignal, reading?: Reading<T>) => Promise<Page<T>>;
  /** Nothing is shown of what is new; how many rows that are is counted. */
  paused: boolean;
  /** What was found stays: it is of the time of the search, and what comes later is added above it. */
  isSearch: boolean;
  /** True while the reader is at the top, where new rows may appear without moving anything they read. */
  isAtTop: () => boolean;
};

type Held = Above & { key: string };

/** Ids of what has changed since new rows were last let in; null when something may have been missed. */
type Told = { key: string; ids: string[] | null };

type Pages<T> = InfiniteData<Page<T>, string | null>;

/** A keyset-paged list that keeps itself current without moving what is being read. */
export function useLiveList<T extends Row>(options: UseLiveList<T>) {
  const { projectId, topic, filterKey, initial, initialKey, fetchPage, paused, isSearch, isAtTop } = options;
  const client = useQueryClient();
  const queryKey = [topic, projectId, filterKey];
  const [held, setHeld] = useState<Held>({ key: filterKey, count: 0, isMore: false });
  const [freshIds, setFreshIds] = useState<ReadonlySet<string>>(new Set());
  const [part, setPart] = useState<{ key: string; page: Page<T> } | null>(null);
  const stopper = useRef<AbortController | null>(null);
  const told = useRef<Told>({ key: filterKey, ids: null });
  const query = useInfiniteQuery<Page<T>, Error, Pages<T>, string[], string | null>({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const stop = new AbortController();
      stopper.current = stop;
      if (pageParam === null) told.current = { key: filterKey, ids: [] };
      setPart(null);
      const onPart = (page: Page<T>) => setPart({ key: filterKey, page });
      return fetchPage(pageParam, signal, { onPart, stop: stop.signal });
    },
    initialPageParam: null,
    getNextPageParam: (page) => page.nextCursor,
    // Refreshing is ours: refetching every loaded page would move what is being read.
    staleTime: Number.POSITIVE_INFINITY,
    ...(initial && filterKey === initialKey ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
  });

  const putHead = useCallback(
    (head: Page<T>, mayMove: boolean) => {
      const current = client.getQueryData<Pages<T>>([topic, projectId, filterKey]);
      const shown = current?.pages ?? [];
      const pages = mayMove ? replaceHead(shown, head, told.current.ids) : updateInPlace(shown, head.items);
      const cursors = pages.map((_, index) => (index === 0 ? null : (pages[index - 1]?.nextCursor ?? null)));
      client.setQueryData<Pages<T>>([topic, projectId, filterKey], { pages, pageParams: cursors });
      if (mayMove) {
        told.current = { key: filterKey, ids: [] };
        const known = new Set(shown.flatMap((page) => page.items.map((row) => row.id)));
        setFreshIds(new Set(head.items.filter((row) => !known.has(row.id)).map((row) => row.id)));
      }
      setHeld(
        mayMove
          ? { key: filterKey, count: 0, isMore: false }
          : { key: filterKey, ...countAbove(shown, head) },
      );
    },
    [client, topic, projectId, filterKey],
  );

  /** While paused: how many wait, and nothing moves. */
  const count = useMemo(
    () =>
      coalesce(async () => {
        const head = await fetchPage(null);
        const shown = client.getQueryData<Pages<T>>([topic, projectId, filterKey])?.pages ?? [];
        setHeld({ key: filterKey, ...countAbove(shown, head) });
      }),
    [client, topic, projectId, filterKey, fetchPage],
  );

  const refreshBelow = useCallback(
    async (hints: Hint[], head: Page<T>) => {
      const pages = client.getQueryData<Pages<T>>([topic, projectId, filterKey]);
      const lowest = head.items.at(-1)?.id ?? "";
      const changed = new Set(hints.flatMap((hint) => hint.ids).filter((id) => id < lowest));
      for (const [index, page] of (pages?.pages ?? []).entries()) {
        if (!page.items.some((row) => changed.has(row.id))) continue;
        const fresh = await fetchPage(pages?.pageParams[index] ?? null);
        client.setQueryData<Pages<T>>([topic, projectId, filterKey], (old) =>
          old ? { ...old, pages: updateInPlace(old.pages, fresh.items) } : old,
        );
      }
    },
    [client, topic, projectId, filterKey, fetchPage],
  );

  /** A refresh that fails is made good by the next hint, or by the poll. */
  const refresh = useMemo(
    () =>
      coalesceItems<{ hints: Hint[] | null; mayMove?: boolean }>(async (asked) => {
        // The first page is being read, and will be newer than what was told.
        if (client.getQueryData([topic, projectId, filterKey]) === undefined) return;
        const head = await fetchPage(null);
        const hints = asked.map((one) => one.hints);
        if (told.current.key !== filterKey) told.current = { key: filterKey, ids: null };
        let { ids } = told.current;
        // What was found stays: it is of the time of the search.
        if (isSearch) ids ??= [];
        for (const one of hints) ids = added(ids, one) ?? (isSearch ? ids : null);
        told.current = { key: filterKey, ids };
        putHead(head, asked.some((one) => one.mayMove) || isAtTop());
        await refreshBelow(
          hints.flatMap((one) => one ?? []),
          head,
        );
      }),
    [client, topic, projectId, filterKey, fetchPage, isSearch, isAtTop, putHead, refreshBelow],
  );

  const live = useLive(projectId, {
    gatherMs: 300,
    onHint: (hints) => {
      if (!concerns(hints, topic)) return;
      if (paused) count.ask();
      else refresh({ hints: hints?.filter((hint) => hint.topic === topic) ?? null });
    },
  });

  const shown = query.data?.pages ?? [];
  const read = query.isFetching && part?.key === filterKey ? [...shown, part.page] : shown;

  return {
    rows: read.flatMap((page) => page.items),
    isLoading: query.isPending,
    isReading: query.isFetching,
    /** What has been read of a page that comes in parts is the page. */
    stop: () => stopper.current?.abort(),
    error: query.error,
    retry: () => void query.refetch(),
    hasOlder: query.hasNextPage,
    /** The last id that was looked at; null when all were. */
    readTo: read.at(-1)?.nextCursor ?? null,
    isLoadingOlder: query.isFetchingNextPage,
    loadOlder: () => void query.fetchNextPage(),
    /** New rows that wait above. */
    held: held.key === filterKey ? held.count : 0,
    /** As text: a page is counted, so that there may be more. */
    heldWord: held.key === filterKey ? `${held.count}${held.isMore ? " or more" : ""}` : "0",
    showHeld: () => refresh({ hints: null, mayMove: true }),
    /** After a pause: what was missed. */
    catchUp: () => refresh({ hints: null }),
    freshIds,
    live,
  };
}

/** Above so many ids it does not matter which they are. */
const mostTold = 1_000;

/** Null: something may have changed that is not among them. */
function added(told: string[] | null, hints: Hint[] | null): string[] | null {
  if (told === null || !hints?.every(({ ids }) => ids.length > 0)) return null;
  const all = [...told, ...hints.flatMap(({ ids }) => ids)];
  return all.length > mostTold ? null : all;
}
