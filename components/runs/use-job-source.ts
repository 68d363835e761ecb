"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import type { StepSummary } from "@/lib/domain/run/types";

/** The code that ran, from the run's snapshot: the job may have been edited since. */
export function useJobSource(
  projectId: string,
  step: StepSummary,
  isWanted: boolean,
): { source: string | undefined; error: string | undefined } {
  const { data, error } = useQuery({
    queryKey: ["run", step.runId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/runs/[id]", {
        params: { project: projectId, id: step.runId },
        signal,
      }),
    enabled: isWanted,
  });
  const source = data?.snapshot.graph.jobs.find((job) => job.id === step.jobId)?.body;
  const isMissing = data !== undefined && source === undefined;
  // A later reading that fails takes nothing away that is here already, and what was typed in it least of all.
  const problem = data === undefined ? error?.message : undefined;
  return { source, error: isMissing ? "The code of this step is no longer kept." : problem };
}
