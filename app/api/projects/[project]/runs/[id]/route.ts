import { getRun } from "@/lib/domain/run/get";
import { runDetail } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows one run, its steps and the version of the workflow that it runs.",
    scope: "read",
    permission: "run.read",
    isExact: true,
    response: runDetail,
  },
  ({ ctx, params }) => getRun(ctx, idParam.parse(params.id)),
);
