import { listLogs, listLogsInput } from "@/lib/domain/run/logs";
import { logPage } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Reads a step's log in order, from a line on.",
    scope: "read",
    permission: "run.read",
    query: listLogsInput,
    response: logPage,
  },
  ({ ctx, params, query }) => listLogs(ctx, idParam.parse(params.id), query),
);
