import { cancelledRun, cancelRun } from "@/lib/domain/run/cancel";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Cancels a run that has not ended.",
    scope: "run",
    permission: "run.cancel",
    response: cancelledRun,
    errors: ["conflict"],
  },
  ({ ctx, params }) => cancelRun(ctx, idParam.parse(params.id)),
);
