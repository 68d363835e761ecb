import { cancelledTest, cancelTest } from "@/lib/domain/test-run/cancel";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Cancels a test that has not ended.",
    scope: "run",
    permission: "run.cancel",
    response: cancelledTest,
    errors: ["conflict"],
  },
  ({ ctx, params }) =>
    cancelTest(ctx, { workflowId: idParam.parse(params.id), testId: idParam.parse(params.test) }),
);
