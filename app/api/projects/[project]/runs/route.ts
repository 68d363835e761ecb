import { pageOf } from "@/lib/domain/page";
import { listRuns, listRunsInput } from "@/lib/domain/run/list";
import { runRow } from "@/lib/domain/run/types";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists all runs, newest first.",
    scope: "read",
    permission: "run.read",
    query: listRunsInput,
    response: pageOf(runRow),
  },
  ({ ctx, query }) => listRuns(ctx, query),
);
