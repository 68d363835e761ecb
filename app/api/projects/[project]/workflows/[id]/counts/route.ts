import { getWorkflowCounts, workflowCounts, workflowCountsInput } from "@/lib/domain/workflow/counts";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says how runs of a workflow and steps of its jobs ended, by hour. Counted as they end.",
    scope: "read",
    permission: "workflow.read",
    query: workflowCountsInput.omit({ id: true }),
    response: workflowCounts,
  },
  ({ ctx, params, query }) => getWorkflowCounts(ctx, { ...query, id: idParam.parse(params.id) }),
);
