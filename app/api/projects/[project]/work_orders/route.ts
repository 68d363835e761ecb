import { listWorkOrders, listWorkOrdersInput } from "@/lib/domain/work-order/list";
import { workOrderList, workOrdersAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Work orders of the project, newest first, as OpenFn's API lists them.",
    scope: "read",
    permission: "run.read",
    query: listWorkOrdersInput,
    response: workOrderList,
    errorShape: "openfn",
  },
  async ({ ctx, query, request }) => workOrdersAnswer(request, await listWorkOrders([ctx], query)),
);
