import { cancelRun } from "@/lib/domain/run/cancel";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  { summary: "Cancels a run that has not ended.", permission: "run.cancel" },
  ({ ctx, params }) => cancelRun(ctx, idParam.parse(params.id)),
);
