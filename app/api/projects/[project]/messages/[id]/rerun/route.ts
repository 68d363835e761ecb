import { rerunMessage } from "@/lib/domain/run/rerun";
import { rerunMessageInput } from "@/lib/domain/run/rerun-plan";
import { getMessageRerun } from "@/lib/domain/run/rerun-preview";
import { rerunPreview, startedRuns } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says what a rerun of the message would do a second time; changes nothing.",
    scope: "read",
    permission: "run.rerun",
    query: rerunMessageInput.omit({ messageId: true }),
    response: rerunPreview,
    errors: ["conflict"],
  },
  ({ ctx, params, query }) => getMessageRerun(ctx, { messageId: idParam.parse(params.id), ...query }),
);

export const POST = projectRoute(
  {
    summary:
      "Processes a message again: one job, one workflow, or all that have processed it. At once: ask first what that would do a second time.",
    scope: "run",
    permission: "run.rerun",
    body: rerunMessageInput.omit({ messageId: true }),
    response: startedRuns,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => rerunMessage(ctx, { messageId: idParam.parse(params.id), ...body }),
);
