import { edgesFrom } from "@/lib/workflow/conditions";
import { chainProblem, type Following } from "@/lib/workflow/following";
import { type DraftGraph, toGraph } from "./graph";

/** What starts a workflow of the project, as it was saved. */
export type SavedFollowing = {
  workflowId: string;
  workflowName: string;
  sourceJobId: string;
  reaches: string[];
};

/**
 * Why a trigger of the draft cannot follow a job once it is on, by the rule that saving asks (lib/workflow/following.ts);
 * null where it can. What the workflow followed until now is not among them: the trigger is on instead.
 */
export function followingProblem(
  draft: DraftGraph,
  { workflowId, triggerId, jobId }: { workflowId: string; triggerId: string; jobId: string },
  followings: readonly SavedFollowing[],
): string | null {
  const others = followings
    .filter((one) => one.workflowId !== workflowId)
    .map(
      (one): Following => ({
        workflow: one.workflowName,
        sourceJobId: one.sourceJobId,
        reaches: new Set(one.reaches),
      }),
    );
  const own: Following = {
    workflow: draft.name.trim() || "This workflow",
    sourceJobId: jobId,
    reaches: reachedFrom(draft, triggerId),
  };
  return chainProblem([...others, own]);
}

function reachedFrom(draft: DraftGraph, triggerId: string): Set<string> {
  const graph = toGraph(draft);
  const reached = new Set<string>();
  const open = edgesFrom(graph, { triggerId }).map(({ targetJobId }) => targetJobId);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...edgesFrom(graph, { jobId: id }).map(({ targetJobId }) => targetJobId));
  }
  return reached;
}
