import { startedRun, startRun, startRunInput } from "@/lib/domain/run/start";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Starts a workflow by hand, at its trigger or one job, with a message, a stored state, one of your own (`json`) or none.",
    scope: "run",
    permission: "run.start",
    body: startRunInput.omit({ workflowId: true }),
    isLarge: true,
    isExact: true,
    response: startedRun,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => startRun(ctx, { ...body, workflowId: idParam.parse(params.id) }),
);
