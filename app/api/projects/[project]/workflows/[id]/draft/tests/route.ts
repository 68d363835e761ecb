import { pageOf } from "@/lib/domain/page";
import { listTests, listTestsInput } from "@/lib/domain/test-run/list";
import { startedTest, startTest, startTestInput } from "@/lib/domain/test-run/start";
import { testRow } from "@/lib/domain/test-run/types";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Lists the tests of your draft, newest first, without what they came to.",
    scope: "run",
    permission: "run.start",
    query: listTestsInput.omit({ workflowId: true }),
    response: pageOf(testRow),
  },
  ({ ctx, params, query }) => listTests(ctx, { ...query, workflowId: idParam.parse(params.id) }),
);

export const POST = projectRoute(
  {
    summary:
      "Tests your draft in the background, at a trigger or one job, with its requests recorded or really sent.",
    scope: "run",
    permission: "run.start",
    body: startTestInput,
    isLarge: true,
    isExact: true,
    response: startedTest,
    errors: ["conflict", "limit", "unavailable"],
    status: 201,
  },
  ({ ctx, params, body }) =>
    startTest(ctx, { ...body, workflowId: idParam.parse(params.id) }, { resolveAdaptor }),
);
