import { getBulkAct } from "@/lib/domain/bulk/get";
import { bulkActDetail } from "@/lib/domain/bulk/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "One bulk act: how far it is, how its runs stand, and what it could not do.",
    scope: "read",
    permission: "run.read",
    response: bulkActDetail,
  },
  ({ ctx, params }) => getBulkAct(ctx, idParam.parse(params.id)),
);
