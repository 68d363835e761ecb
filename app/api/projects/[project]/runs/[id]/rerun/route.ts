import { rerunRun, rerunRunInput } from "@/lib/domain/run/rerun";
import { idParam, projectRoute } from "@/lib/http/route";
import { notifier } from "@/lib/live/shared";

export const POST = projectRoute(
  {
    summary: "Runs a run again, whole or from one of its steps on.",
    permission: "run.rerun",
    body: rerunRunInput.omit({ runId: true }),
    status: 201,
  },
  async ({ ctx, params, body }) => {
    const runId = idParam.parse(params.id);
    const result = await rerunRun(ctx, { runId, ...body });
    notifier().wakeEngine();
    notifier().touch(ctx.project.id, "runs", runId);
    return result;
  },
);
