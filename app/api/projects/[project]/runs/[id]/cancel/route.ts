import { cancelRun } from "@/lib/domain/run/cancel";
import { idParam, projectRoute } from "@/lib/http/route";
import { notifier } from "@/lib/live/shared";

export const POST = projectRoute(
  { summary: "Cancels a run that has not ended.", permission: "run.cancel" },
  async ({ ctx, params }) => {
    const runId = idParam.parse(params.id);
    const result = await cancelRun(ctx, runId);
    notifier().wakeEngine();
    notifier().touch(ctx.project.id, "runs", runId);
    return result;
  },
);
