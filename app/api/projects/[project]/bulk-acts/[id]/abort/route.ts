import { abortBulk } from "@/lib/domain/bulk/change";
import { bulkAct } from "@/lib/domain/bulk/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Ends a bulk act for good; what it has queued is carried out.",
    scope: "run",
    permission: "run.rerun",
    response: bulkAct,
    errors: ["conflict"],
  },
  ({ ctx, params }) => abortBulk(ctx, idParam.parse(params.id)),
);
