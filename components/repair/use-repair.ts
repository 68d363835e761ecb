"use client";
import { useQuery } from "@tanstack/react-query";
import { ApiError, api } from "@/components/api";
import type { IssueRow } from "@/lib/domain/issue/types";
import type { RunDetail, StepSummary } from "@/lib/domain/run/types";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { toldStatuses } from "@/lib/words";
import type { JobNode } from "@/lib/workflow/types";

/** The step that failed. */
export type RepairTarget = { runId: string; stepId: string };

/** What failed, and what of it there is now. */
export type Repairable = {
  run: RunDetail;
  step: StepSummary;
  /** As it ran; undefined when the version has it no more. */
  ran: JobNode | undefined;
  /** Null: it was deleted. */
  workflow: WorkflowDetail | null;
  /** As it is now; undefined: the present version has no such job. */
  job: JobNode | undefined;
};

/** What there is to repair: the job is in the present version. */
export type Present = Repairable & {
  workflow: NonNullable<Repairable["workflow"]>;
  job: NonNullable<Repairable["job"]>;
};

type Found = {
  repairable: Repairable | undefined;
  error: string | undefined;
  reload: () => Promise<unknown>;
};

const whenMissing =
  <T>(fallback: T) =>
  (error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return fallback;
    throw error;
  };

/** Loads what is to be repaired, as it ran and as it is now. */
export function useRepairable(projectId: string, { runId, stepId }: RepairTarget): Found {
  const run = useQuery({
    queryKey: ["run", runId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/runs/[id]", { params: { project: projectId, id: runId }, signal }),
  });
  const workflowId = run.data?.workflowId;
  const workflow = useQuery({
    queryKey: ["repair-workflow", projectId, workflowId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/workflows/[id]", {
        params: { project: projectId, id: workflowId ?? "" },
        signal,
      }).catch(whenMissing(null)),
    enabled: workflowId !== undefined,
    staleTime: 0,
    gcTime: 0,
  });
  const reload = () => workflow.refetch();
  if (run.error && !run.data) return { repairable: undefined, error: run.error.message, reload };
  if (workflow.error && !workflow.data)
    return { repairable: undefined, error: workflow.error.message, reload };
  if (!run.data || workflow.data === undefined) return { repairable: undefined, error: undefined, reload };
  const step = run.data.detailedSteps.find(({ id }) => id === stepId);
  if (!step) return { repairable: undefined, error: "This step is no longer kept.", reload };
  const jobIn = (jobs: readonly JobNode[] | undefined) => jobs?.find(({ id }) => id === step.jobId);
  return {
    repairable: {
      run: run.data,
      step,
      ran: jobIn(run.data.snapshot.graph.jobs),
      workflow: workflow.data,
      job: jobIn(workflow.data?.graph.jobs),
    },
    error: undefined,
    reload,
  };
}

/** Failures are collected within a moment, or by a look each minute. */
const collectMs = 2_000;

/** A failure that another step handled is part of none, nor is what somebody cancelled. */
const canHaveIssue = ({ finishedAt, state }: RunDetail): boolean =>
  finishedAt === null || (toldStatuses as readonly string[]).includes(state);

/**
 * The issue that a failure of the job in this run belongs to; null while it is collected into none, undefined while nobody
 * knows.
 */
export function useIssueOf(
  projectId: string,
  { run, step }: Repairable,
): { issue: IssueRow | null | undefined; isAwaited: boolean } {
  const isExpected = canHaveIssue(run);
  const { data } = useQuery({
    queryKey: ["repair-issue", projectId, run.id, step.id],
    queryFn: async ({ signal }) => {
      const { issues } = await api("GET /api/projects/[project]/runs/[id]", {
        params: { project: projectId, id: run.id },
        signal,
      });
      const own = issues.filter(({ stepId }) => stepId === step.id);
      const found = await Promise.all(
        (own.length > 0 ? own : issues).map(({ id }) =>
          api("GET /api/projects/[project]/issues/[id]", {
            params: { project: projectId, id },
            signal,
          }).catch(whenMissing(null)),
        ),
      );
      return found.find((issue) => issue?.jobId === step.jobId) ?? null;
    },
    enabled: isExpected,
    refetchInterval: ({ state }) => (state.data ? false : collectMs),
    staleTime: 0,
    gcTime: 0,
  });
  return { issue: isExpected ? data : null, isAwaited: isExpected && !data };
}
