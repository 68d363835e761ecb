import { getDraftTest, setDraftTest, setDraftTestInput } from "@/lib/domain/test-run/settings";
import { draftTest } from "@/lib/domain/test-run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Returns how your draft is tested by itself: its test URL, and whether its clock is followed.",
    scope: "run",
    permission: "run.start",
    response: draftTest,
  },
  ({ ctx, params }) => getDraftTest(ctx, { workflowId: idParam.parse(params.id) }),
);

export const PUT = projectRoute(
  {
    summary:
      "Opens or closes the test URL of your draft, follows its cron triggers or not, says how such tests are made, or makes a new URL.",
    scope: "run",
    permission: "run.start",
    body: setDraftTestInput,
    response: draftTest,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => setDraftTest(ctx, { ...body, workflowId: idParam.parse(params.id) }),
);
