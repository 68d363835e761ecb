import { comparedTest, compareTest } from "@/lib/domain/test-run/compare-test";
import { env } from "@/lib/env";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor, runner } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary:
      "Runs the saved version on what a test of yours began with, requests recorded, and says what the test came to otherwise. Only the audit event is stored.",
    scope: "run",
    permission: "run.start",
    response: comparedTest,
    errors: ["conflict", "unavailable"],
  },
  ({ ctx, params, request }) =>
    compareTest(
      ctx,
      { workflowId: idParam.parse(params.id), testId: idParam.parse(params.test) },
      { runner, resolveAdaptor, memoryMb: env().STEP_MEMORY_MB, signal: request.signal },
    ),
);
