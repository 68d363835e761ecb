import { listRuns, listRunsInput } from "@/lib/domain/run/list";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  { summary: "Lists all runs, newest first.", permission: "run.read", query: listRunsInput },
  ({ ctx, query }) => listRuns(ctx, query),
);
