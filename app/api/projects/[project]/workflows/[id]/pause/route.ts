import { pauseState, pauseWorkflow } from "@/lib/domain/workflow/pause";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Keeps a workflow's runs. Messages are accepted, and what runs may end.",
    scope: "run",
    permission: "workflow.pause",
    response: pauseState,
  },
  ({ ctx, params }) => pauseWorkflow(ctx, idParam.parse(params.id)),
);
