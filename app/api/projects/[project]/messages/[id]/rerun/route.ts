import { rerunMessage, rerunMessageInput } from "@/lib/domain/run/rerun";
import { startedRuns } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Processes a message again: one job, one workflow, or all that have processed it.",
    scope: "run",
    permission: "run.rerun",
    body: rerunMessageInput.omit({ messageId: true }),
    response: startedRuns,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => rerunMessage(ctx, { messageId: idParam.parse(params.id), ...body }),
);
