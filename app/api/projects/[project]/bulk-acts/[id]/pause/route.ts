import { pauseBulk } from "@/lib/domain/bulk/change";
import { bulkAct } from "@/lib/domain/bulk/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Pauses a bulk act: what it has queued is carried out, and nothing more is queued until it is resumed.",
    scope: "run",
    permission: "run.rerun",
    response: bulkAct,
    errors: ["conflict"],
  },
  ({ ctx, params }) => pauseBulk(ctx, idParam.parse(params.id)),
);
