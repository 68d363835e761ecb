import { getTest } from "@/lib/domain/test-run/get";
import { testRun } from "@/lib/domain/test-run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Returns a test of your draft with all that its jobs came to.",
    scope: "run",
    permission: "run.start",
    response: testRun,
  },
  ({ ctx, params }) =>
    getTest(ctx, { workflowId: idParam.parse(params.id), testId: idParam.parse(params.test) }),
);
