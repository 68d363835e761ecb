"use client";
import { useEffect, useRef, useState } from "react";
import { ApiError, api } from "@/components/api";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { batchesOf, type Replay } from "./replay";

/** A regression replay of the draft: batch after batch, until its end, a refusal, or a stop. */
export function useReplay() {
  const { projectId, workflowId } = useEditorPlace();
  const store = useEditorStore();
  const [replay, setReplay] = useState<Replay | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const params = { project: projectId, id: workflowId };

  const run = async (wanted: number, signal: AbortSignal) => {
    const revision = await store.flush();
    const { items } = await api("GET /api/projects/[project]/workflows/[id]/replay/messages", {
      params,
      query: { limit: wanted },
      signal,
    });
    let now: Replay = { messageIds: items.map(({ id }) => id), compared: [], isRunning: true };
    setReplay(now);
    for (const { triggerId, messageIds } of batchesOf(items, store.draft.triggers)) {
      const body = { revision, messageIds, ...(triggerId === null ? {} : { triggerId }) };
      const answer = await api("POST /api/projects/[project]/workflows/[id]/draft/replay", {
        params,
        body,
        signal,
      });
      now = { ...now, compared: [...now.compared, ...answer.items] };
      setReplay(now);
    }
  };
  const start = async (wanted: number) => {
    stop.current?.abort();
    const ending = new AbortController();
    stop.current = ending;
    setProblem(null);
    setReplay({ messageIds: [], compared: [], isRunning: true });
    try {
      await run(wanted, ending.signal);
    } catch (error) {
      if (!ending.signal.aborted)
        setProblem(error instanceof ApiError ? error.message : "The replay broke off.");
    }
    if (stop.current === ending) setReplay((before) => before && { ...before, isRunning: false });
  };
  return { replay, problem, start, stop: () => stop.current?.abort() };
}
