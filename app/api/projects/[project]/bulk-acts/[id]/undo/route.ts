import { undoBulk } from "@/lib/domain/bulk/change";
import { bulkAct } from "@/lib/domain/bulk/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Ends a bulk act and takes back what it has queued and has not started.",
    scope: "run",
    permission: "run.rerun",
    response: bulkAct,
    errors: ["conflict"],
  },
  ({ ctx, params }) => undoBulk(ctx, idParam.parse(params.id)),
);
