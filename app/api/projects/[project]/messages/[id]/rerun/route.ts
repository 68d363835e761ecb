import { rerunMessage, rerunMessageInput } from "@/lib/domain/run/rerun";
import { idParam, projectRoute } from "@/lib/http/route";
import { notifier } from "@/lib/live/shared";

export const POST = projectRoute(
  {
    summary: "Processes a message again: one job, one workflow, or all that have processed it.",
    permission: "run.rerun",
    body: rerunMessageInput.omit({ messageId: true }),
    status: 201,
  },
  async ({ ctx, params, body }) => {
    const messageId = idParam.parse(params.id);
    const result = await rerunMessage(ctx, { messageId, ...body });
    notifier().wakeEngine();
    notifier().touch(ctx.project.id, "messages", messageId);
    return result;
  },
);
