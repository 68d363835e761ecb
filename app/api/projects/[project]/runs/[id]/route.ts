import { getRun } from "@/lib/domain/run/get";
import { getListedRun } from "@/lib/domain/run/numbered";
import { runDetail } from "@/lib/domain/run/types";
import { beside, isOpenfns } from "@/lib/http/beside";
import { oneRun, runAnswer } from "@/lib/http/openfn-resources";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows one run, its steps and the version of the workflow that it runs.",
    scope: "read",
    permission: "run.read",
    isExact: true,
    response: beside(runDetail, oneRun),
  },
  async ({ ctx, params, request }) => {
    const id = idParam.parse(params.id);
    const run = await getRun(ctx, id);
    return isOpenfns({ ctx, request })
      ? { ...run, ...runAnswer(request, await getListedRun([ctx], id)) }
      : run;
  },
);
