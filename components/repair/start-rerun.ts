import { api } from "@/components/api";
import type { RepairTarget } from "./use-repair";

/** What is to be rerun: the run of the failure, from its step on, or all that an issue affects still. */
export type Wanted = ({ of: "run" } & RepairTarget) | { of: "issue"; issueId: string };

/** The new run, or the bulk act. */
export type Started = { runId: string } | { actId: string };

/** What was done: the version that was saved, null when the code was as it is; and what is rerun. */
export type Done = {
  version: number | null;
  rerun: { wanted: Wanted; started: Started | null; problem: Error | null } | null;
};

/** Starts it on the present version. Throws ApiError. */
export async function startRerun(projectId: string, wanted: Wanted): Promise<Started> {
  if (wanted.of === "issue") {
    const { id } = await api("POST /api/projects/[project]/issues/[id]/rerun", {
      params: { project: projectId, id: wanted.issueId },
      body: { from: "job", version: "latest" },
    });
    return { actId: id };
  }
  const { runIds } = await api("POST /api/projects/[project]/runs/[id]/rerun", {
    params: { project: projectId, id: wanted.runId },
    body: { fromStepId: wanted.stepId, version: "latest" },
  });
  const [runId] = runIds;
  if (!runId) throw new Error("Nothing was rerun.");
  return { runId };
}
