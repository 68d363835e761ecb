import { listIssueOrders, listIssueOrdersInput } from "@/lib/domain/issue/get";
import { issueOrder } from "@/lib/domain/issue/types";
import { pageOf } from "@/lib/domain/page";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the work orders that an issue affects, newest first, each with its newest failure.",
    scope: "read",
    permission: "issue.read",
    query: listIssueOrdersInput.omit({ id: true }),
    response: pageOf(issueOrder),
  },
  ({ ctx, params, query }) => listIssueOrders(ctx, { ...query, id: idParam.parse(params.id) }),
);
