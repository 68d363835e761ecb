import { listBulkActs } from "@/lib/domain/bulk/get";
import { bulkAct, listBulkInput, startBulkInput } from "@/lib/domain/bulk/schemas";
import { startBulk } from "@/lib/domain/bulk/start";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the project's bulk acts, newest first.",
    scope: "read",
    permission: "run.read",
    query: listBulkInput,
    response: pageOf(bulkAct),
  },
  ({ ctx, query }) => listBulkActs(ctx, query),
);

export const POST = projectRoute(
  {
    summary:
      "Starts a bulk act: reruns, reprocesses, cancels or releases chosen items, or all that a filter finds now. Ask for the preview first.",
    scope: "run",
    permission: "run.rerun",
    body: startBulkInput,
    response: bulkAct,
    status: 201,
  },
  ({ ctx, body }) => startBulk(ctx, body),
);
