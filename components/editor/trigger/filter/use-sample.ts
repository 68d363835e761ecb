"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "@/components/api";
import { useEditor, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import { stateOfMessage } from "@/components/receipt/message-content";
import type { MessageRow } from "@/lib/domain/message/types";
import { type ExactJson, stringifyExact } from "@/lib/exact-json";

const listed = 20;
/** As much as completions go by (components/editor/store.tsx). */
const maxSampleChars = 1_000_000;

export type Sample = {
  messages: readonly MessageRow[] | undefined;
  /** The message that is shown; null: what the draft is tried on is none of the newest, or there is none. */
  messageId: string | null;
  choose: (id: string) => void;
  /** What it means, as filters see it; undefined while there is none, or it is too large. */
  data: ExactJson | undefined;
  problem: string | null;
};

/** The message in which a filter is built: what the draft is tried on, else the newest one to the inbox. */
export function useSample(): Sample {
  const store = useEditorStore();
  const { projectId } = useEditorPlace();
  const shared = useEditor((state) => state.sample);
  const sharedId = useEditor((state) => state.sampleMessageId);
  const { messages, error } = useMessages(projectId);
  const [chosen, setChosen] = useState<string | null>(null);
  const newest = messages?.find(({ triggerId, wiped }) => triggerId === null && !wiped)?.id ?? null;
  // What comes later does not take its place while somebody presses on it.
  const [first, setFirst] = useState<string | null>(null);
  if (first === null && newest !== null) setFirst(newest);
  const sharedData = dataOf(shared);
  const wanted = chosen ?? (sharedData === undefined ? first : null);
  const read = useQuery({
    queryKey: ["sample", projectId, wanted],
    enabled: wanted !== null,
    queryFn: async ({ signal }) => {
      const params = { project: projectId, id: wanted ?? "" };
      const message = await api("GET /api/projects/[project]/messages/[id]", { params, signal });
      const state = stateOfMessage(message);
      return state !== undefined && stringifyExact(state).length <= maxSampleChars ? state : null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const state = read.data;
  useEffect(() => {
    if (chosen === null || !state) return;
    store.setSample(state, chosen);
    setChosen(null);
  }, [store, chosen, state]);
  const isUnread = wanted !== null && state === null;
  return {
    messages,
    messageId: wanted ?? sharedId,
    choose: setChosen,
    data: wanted === null ? sharedData : dataOf(state ?? null),
    problem: isUnread
      ? "This message is too large to be shown here. Choose another one."
      : (read.error?.message ?? error),
  };
}

function useMessages(projectId: string) {
  const query = useQuery({
    queryKey: ["filter-messages", projectId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/messages", {
        params: { project: projectId },
        query: { limit: listed },
        signal,
      }),
    retry: false,
  });
  const refresh = useRefresh(query.refetch);
  useLive(projectId, { onHint: (hints) => concerns(hints, "messages") && refresh() });
  return { messages: query.data?.items, error: query.error?.message ?? null };
}

const dataOf = (state: ExactJson | null): ExactJson | undefined =>
  typeof state === "object" && state !== null && "data" in state ? (state.data as ExactJson) : undefined;
