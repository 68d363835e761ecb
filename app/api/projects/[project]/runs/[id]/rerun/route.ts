import { rerunRun, rerunRunInput } from "@/lib/domain/run/rerun";
import { startedRuns } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Runs a run again, whole or from one of its steps on.",
    scope: "run",
    permission: "run.rerun",
    body: rerunRunInput.omit({ runId: true }),
    response: startedRuns,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => rerunRun(ctx, { runId: idParam.parse(params.id), ...body }),
);
