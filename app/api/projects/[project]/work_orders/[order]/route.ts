import { getWorkOrder } from "@/lib/domain/work-order/list";
import { oneWorkOrder, workOrderAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "One work order, as OpenFn's API shows it.",
    scope: "read",
    permission: "run.read",
    response: oneWorkOrder,
    errorShape: "openfn",
  },
  async ({ ctx, params, request }) => workOrderAnswer(request, await getWorkOrder([ctx], params.order ?? "")),
);
