"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { api } from "@/components/api";
import { jobStatus, previousWord, sortByName } from "@/components/inbox/job-state-chips";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusChip, stepStatus } from "@/components/ui/status-chip";
import type { JobState, MessageDetail } from "@/lib/domain/message/types";

export type JobStateListProps = {
  message: MessageDetail;
  onOpenStep: (stepId: string) => void;
  onRerunJob: ((jobId: string) => void) | undefined;
  isBusy: boolean;
};

/** The answer to "did it arrive?": one state a job, each with its rerun. */
export function JobStateList({ message, onOpenStep, onRerunJob, isBusy }: JobStateListProps) {
  const all = useAllStates(message);
  const total = Object.values(message.jobTotals).reduce((sum, count) => sum + count, 0);
  const unnamed = message.waitingTotal - message.waiting.length;
  if (total === 0 && message.waiting.length === 0) return null;
  return (
    <section aria-labelledby="job-states">
      <h2 id="job-states" className="sr-only">
        Job states
      </h2>
      <ul className="flex flex-wrap gap-2">
        {sortByName(all.states).map((state) => (
          <li key={state.jobId} className="flex items-stretch overflow-hidden rounded-md border bg-card">
            <JobStateButton state={state} onOpenStep={onOpenStep} />
            {onRerunJob ? (
              <Button
                variant="ghost"
                disabled={isBusy || (state.result === "in_progress" && state.lastResult === null)}
                aria-label={`Rerun ${state.jobName}`}
                title={`Rerun ${state.jobName} for this message`}
                onClick={() => onRerunJob(state.jobId)}
                className="h-auto rounded-none border-l px-2.5"
              >
                <RotateCcw aria-hidden />
              </Button>
            ) : null}
          </li>
        ))}
        {message.waiting.map((order) => (
          <li
            key={order.workflowId}
            className="flex items-center rounded-md border border-dashed bg-card px-3 py-2"
          >
            <StatusChip
              status={order.state}
              name={order.workflowName}
              word={order.state === "pending" ? "waiting" : undefined}
            />
          </li>
        ))}
        {unnamed > 0 ? (
          <li className="self-center text-muted-foreground">
            and {unnamed} more {unnamed === 1 ? "workflow that waits" : "workflows that wait"}
          </li>
        ) : null}
      </ul>
      {all.states.length < total ? (
        <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2 text-muted-foreground text-xs">
          {all.isWanted
            ? `${all.states.length} of ${total} jobs.`
            : `${all.states.length} of ${total} jobs: those that need attention, then the newest.`}
          <Button variant="outline" size="sm" disabled={all.isLoading} onClick={all.more}>
            {all.isLoading ? "Loading…" : all.isWanted ? "Show more jobs" : "Show all jobs"}
          </Button>
        </p>
      ) : null}
      {all.error ? <p role="alert">{all.error.message}</p> : null}
    </section>
  );
}

/** The states that the message names, and once somebody asks for all of them, those a page at a time. */
function useAllStates(message: MessageDetail) {
  const { projectId, id, jobStates } = message;
  const [isWanted, setWanted] = useState(false);
  const list = useInfiniteQuery({
    // What the message says of its jobs is what changes them.
    queryKey: ["job-states", projectId, id, JSON.stringify([message.jobTotals, jobStates])],
    queryFn: ({ pageParam, signal }) =>
      api("GET /api/projects/[project]/messages/[id]/job-states", {
        params: { project: projectId, id },
        query: { limit: 100, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    enabled: isWanted,
  });
  const loaded = list.data?.pages.flatMap((page) => page.items);
  return {
    states: (isWanted && loaded) || jobStates,
    isWanted: isWanted && loaded !== undefined,
    isLoading: isWanted && list.isFetching,
    error: list.error,
    more: () => (isWanted ? void list.fetchNextPage() : setWanted(true)),
  };
}

function JobStateButton({ state, onOpenStep }: { state: JobState; onOpenStep: (stepId: string) => void }) {
  const { stepId } = state;
  const exit = state.exitReason ? stepStatus({ exitReason: state.exitReason }) : null;
  const previous = previousWord(state);
  return (
    <button
      type="button"
      disabled={!stepId}
      onClick={() => stepId && onOpenStep(stepId)}
      className="grid gap-1 px-3 py-2 text-left enabled:hover:bg-muted focus-visible:-outline-offset-2"
    >
      <span className="flex items-center gap-2">
        <span className="font-medium">{state.jobName}</span>
        <StatusChip status={jobStatus(state)} />
      </span>
      <span className="text-muted-foreground text-xs">
        {state.workflowName}
        {previous ? `, ${previous}` : ""}
        {exit && exit !== "success" && exit !== "failed" ? `, ${exit}` : ""}
        {state.errorType ? `, ${state.errorType}` : ""}
        {state.finishedAt ? (
          <>
            , <RelativeTime value={state.finishedAt} />
          </>
        ) : null}
      </span>
    </button>
  );
}
