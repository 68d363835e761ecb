"use client";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "@/components/api";
import { useEditor, useEditorPlace } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import { contentOf } from "@/components/receipt/message-content";
import type { MessageRow } from "@/lib/domain/message/types";
import type { ExactJson } from "@/lib/exact-json";
import { messageQuery, type ReadInput } from "./stored-input";
import { takersOf } from "./taken";

const listed = 20;
/** So many of them are held against the draft's filters, and none that is larger. */
const compared = { messages: 10, bytes: 20_000 };

export type Recent = { row: MessageRow; takers: string[] };

export type RecentMessages = {
  /** Those that a trigger of the draft would take first, each part with the newest first; undefined while none is read. */
  items: Recent[] | undefined;
  problem: string | null;
  /** Every filter that is asked has been asked. */
  isSettled: boolean;
};

/** The project's newest messages, or those in which a text is found, kept current; with the draft's triggers that take them. */
export function useRecent(text: string | null, isWanted = true): RecentMessages {
  const { projectId } = useEditorPlace();
  const triggers = useEditor(({ history }) => history.now.triggers);
  const { data, error, refetch } = useQuery({
    queryKey: ["recent-messages", projectId, text],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/messages", {
        params: { project: projectId },
        query: { text, limit: listed },
        signal,
      }),
    placeholderData: keepPreviousData,
    enabled: isWanted,
    retry: false,
  });
  const refresh = useRefresh(refetch);
  useLive(projectId, { onHint: (hints) => isWanted && concerns(hints, "messages") && refresh() });
  const rows = data?.items;
  const hasFilter = triggers.some(({ type }) => type === "message_filter");
  const { states, isSettled } = useStates(projectId, rows, isWanted && hasFilter);
  const items = useMemo(() => {
    const listed = rows?.map((row) => {
      const message = { triggerId: row.triggerId, content: states.get(row.id) };
      return { row, takers: takersOf({ triggers }, message) };
    });
    return listed?.toSorted((one, other) => Number(other.takers.length > 0) - Number(one.takers.length > 0));
  }, [rows, states, triggers]);
  return { items, problem: error?.message ?? null, isSettled };
}

/** What the newest small messages mean, where filters ask for it. */
function useStates(projectId: string, rows: MessageRow[] | undefined, isWanted: boolean) {
  const wanted = (isWanted ? (rows ?? []) : [])
    .filter(({ triggerId, size, wiped }) => triggerId === null && size <= compared.bytes && !wiped)
    .slice(0, compared.messages);
  return useQueries({
    queries: wanted.map(({ id }) => messageQuery(projectId, id)),
    combine: combined,
  });
}

type Read = { data: ReadInput | undefined; isPending: boolean };

/** The same function each time, so that the result is the same while nothing changes. */
const combined = (
  results: Read[],
): { states: ReadonlyMap<string, ExactJson | undefined>; isSettled: boolean } => ({
  states: new Map(
    results.flatMap(({ data }) => (data?.message ? [[data.message.id, contentOf(data.message)]] : [])),
  ),
  isSettled: results.every(({ isPending }) => !isPending),
});
