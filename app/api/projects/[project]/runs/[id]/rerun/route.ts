import { rerunRun } from "@/lib/domain/run/rerun";
import { rerunRunInput } from "@/lib/domain/run/rerun-plan";
import { getRunRerun } from "@/lib/domain/run/rerun-preview";
import { rerunPreview, startedRuns } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says what a rerun of the run would do a second time; changes nothing.",
    scope: "read",
    permission: "run.rerun",
    query: rerunRunInput.omit({ runId: true }),
    response: rerunPreview,
    errors: ["conflict"],
  },
  ({ ctx, params, query }) => getRunRerun(ctx, { runId: idParam.parse(params.id), ...query }),
);

export const POST = projectRoute(
  {
    summary:
      "Runs a run again, whole or from one of its steps on. At once: ask first what that would do a second time.",
    scope: "run",
    permission: "run.rerun",
    body: rerunRunInput.omit({ runId: true }),
    response: startedRuns,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => rerunRun(ctx, { runId: idParam.parse(params.id), ...body }),
);
