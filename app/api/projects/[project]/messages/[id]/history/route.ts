import { listHistory, listHistoryInput } from "@/lib/domain/message/history";
import { workOrderDetail } from "@/lib/domain/message/types";
import { pageOf } from "@/lib/domain/page";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists everything that was done with one message, a page of runs at a time, by work order.",
    scope: "read",
    permission: "message.read",
    query: listHistoryInput,
    response: pageOf(workOrderDetail),
  },
  ({ ctx, params, query }) => listHistory(ctx, idParam.parse(params.id), query),
);
