import { draftDifference, getDraftDifference } from "@/lib/domain/draft/difference";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says what your draft changes of a workflow's present version, and what is wrong with it.",
    scope: "read",
    permission: "workflow.read",
    response: draftDifference,
  },
  ({ ctx, params }) => getDraftDifference(ctx, { workflowId: idParam.parse(params.id) }),
);
