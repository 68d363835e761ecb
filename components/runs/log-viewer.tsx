"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { type AnswerOf, api } from "@/components/api";
import type { LogRow } from "@/lib/domain/run/types";
import { LogBox } from "./log-box";

const readLogs = "GET /api/projects/[project]/steps/[id]/logs";

/** `isWhole`: read to its end after the step had ended. */
type Log = { lines: LogRow[]; isWhole: boolean };

/** A step's log, read on from the last line known; `refetch` reads only what is new. */
function useLogs(projectId: string, stepId: string, isRunning: boolean) {
  const client = useQueryClient();
  const queryKey = ["logs", stepId];
  return useQuery<Log>({
    queryKey,
    staleTime: ({ state }) => (state.data?.isWhole ? Number.POSITIVE_INFINITY : 0),
    refetchInterval: isRunning ? 1_000 : false,
    // Comparing fifty thousand lines with themselves would cost more than drawing them.
    structuralSharing: false,
    queryFn: async ({ signal }) => {
      let lines = client.getQueryData<Log>(queryKey)?.lines ?? [];
      for (let after: number | null = lines.at(-1)?.seq ?? -1; after !== null; ) {
        const page: AnswerOf<typeof readLogs> = await api(readLogs, {
          params: { project: projectId, id: stepId },
          query: { after, limit: 10_000 },
          signal,
        });
        if (page.items.length > 0) lines = [...lines, ...page.items];
        after = page.nextAfter;
        if (after !== null) client.setQueryData<Log>(queryKey, { lines, isWhole: false });
      }
      return { lines, isWhole: !isRunning };
    },
  });
}

export type LogViewerProps = {
  projectId: string;
  stepId: string;
  jobName: string;
  isRunning: boolean;
};

/** The log of a stored step; of a running one as it is written. */
export function LogViewer({ projectId, stepId, jobName, isRunning }: LogViewerProps) {
  const { data, error, refetch } = useLogs(projectId, stepId, isRunning);
  const wasRunning = useRef(isRunning);
  useEffect(() => {
    if (wasRunning.current && !isRunning) void refetch();
    wasRunning.current = isRunning;
  }, [isRunning, refetch]);
  return (
    <LogBox
      lines={data?.lines}
      problem={error?.message}
      fileName={`${jobName}-${stepId.slice(-8)}`}
      isRunning={isRunning}
    />
  );
}
