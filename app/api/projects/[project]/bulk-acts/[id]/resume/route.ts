import { resumeBulk } from "@/lib/domain/bulk/change";
import { bulkAct } from "@/lib/domain/bulk/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Lets a paused bulk act go on where it was.",
    scope: "run",
    permission: "run.rerun",
    response: bulkAct,
    errors: ["conflict"],
  },
  ({ ctx, params }) => resumeBulk(ctx, idParam.parse(params.id)),
);
