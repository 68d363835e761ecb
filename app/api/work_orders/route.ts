import { callersContexts } from "@/lib/auth/context";
import { listWorkOrders, listWorkOrdersInput } from "@/lib/domain/work-order/list";
import { openfnRoute } from "@/lib/http/openfn";
import { workOrderList, workOrdersAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "Work orders of all your projects, newest first, as OpenFn's API lists them.",
    scope: "read",
    query: listWorkOrdersInput,
    response: workOrderList,
  },
  async ({ ctx, query, request }) =>
    workOrdersAnswer(request, await listWorkOrders(await callersContexts(ctx), query)),
);
