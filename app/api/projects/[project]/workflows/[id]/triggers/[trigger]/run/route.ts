import { runTrigger, startedRun } from "@/lib/domain/workflow/run-trigger";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Starts a cron trigger's workflow now, from the state that its next time would begin with. Refused while its run before is under way.",
    scope: "run",
    permission: "run.start",
    response: startedRun,
    errors: ["invalid", "conflict", "limit"],
  },
  ({ ctx, params }) =>
    runTrigger(ctx, { workflowId: idParam.parse(params.id), triggerId: idParam.parse(params.trigger) }),
);
