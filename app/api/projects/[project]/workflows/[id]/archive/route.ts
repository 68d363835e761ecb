import { archival, archiveWorkflow } from "@/lib/domain/workflow/archive";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Puts a workflow away: every trigger is switched off, and lists show it apart.",
    scope: "deploy",
    permission: "workflow.write",
    response: archival,
  },
  ({ ctx, params }) => archiveWorkflow(ctx, idParam.parse(params.id)),
);
