import { pauseState, resumeWorkflow } from "@/lib/domain/workflow/pause";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Lets a workflow's runs start again, in the order in which they came.",
    scope: "run",
    permission: "workflow.pause",
    response: pauseState,
  },
  ({ ctx, params }) => resumeWorkflow(ctx, idParam.parse(params.id)),
);
