import { archival, unarchiveWorkflow } from "@/lib/domain/workflow/archive";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Takes a workflow out of the archive. Its triggers stay off.",
    scope: "deploy",
    permission: "workflow.write",
    response: archival,
  },
  ({ ctx, params }) => unarchiveWorkflow(ctx, idParam.parse(params.id)),
);
