import { rerunRun, rerunRunInput } from "@/lib/domain/run/rerun";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Runs a run again, whole or from one of its steps on.",
    permission: "run.rerun",
    body: rerunRunInput.omit({ runId: true }),
    status: 201,
  },
  ({ ctx, params, body }) => rerunRun(ctx, { runId: idParam.parse(params.id), ...body }),
);
