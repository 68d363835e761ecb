import { listBulkRefusals, listBulkRefusalsInput } from "@/lib/domain/bulk/get";
import { bulkRefusal } from "@/lib/domain/bulk/schemas";
import { pageOf } from "@/lib/domain/page";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists what a bulk act could not do, each item with the reason.",
    scope: "read",
    permission: "run.read",
    query: listBulkRefusalsInput.omit({ id: true }),
    response: pageOf(bulkRefusal),
  },
  ({ ctx, params, query }) => listBulkRefusals(ctx, { id: idParam.parse(params.id), ...query }),
);
