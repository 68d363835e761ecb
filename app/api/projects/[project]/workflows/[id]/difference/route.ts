import {
  getWorkflowDifference,
  workflowDifference,
  workflowDifferenceInput,
} from "@/lib/domain/workflow/difference";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Says what tells two versions of a workflow apart. Without `to`: its present one; without `from`: the one before.",
    scope: "read",
    permission: "workflow.read",
    query: workflowDifferenceInput.omit({ id: true }),
    response: workflowDifference,
  },
  ({ ctx, params, query }) => getWorkflowDifference(ctx, { ...query, id: idParam.parse(params.id) }),
);
