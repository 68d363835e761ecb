import { callersContexts } from "@/lib/auth/context";
import { getWorkOrder } from "@/lib/domain/work-order/list";
import { openfnRoute } from "@/lib/http/openfn";
import { oneWorkOrder, workOrderAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "A work order of one of your projects, as OpenFn's API shows it.",
    scope: "read",
    response: oneWorkOrder,
  },
  async ({ ctx, params, request }) =>
    workOrderAnswer(request, await getWorkOrder(await callersContexts(ctx), params.order ?? "")),
);
