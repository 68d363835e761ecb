import { resendMessage, resendMessageInput } from "@/lib/domain/message/resend";
import { idParam, projectRoute } from "@/lib/http/route";
import { notifier } from "@/lib/live/shared";

export const POST = projectRoute(
  {
    summary: "Sends an edited copy of a message as a new message.",
    permission: "message.resend",
    body: resendMessageInput.omit({ messageId: true }),
    status: 201,
  },
  async ({ ctx, params, body }) => {
    const result = await resendMessage(ctx, { messageId: idParam.parse(params.id), ...body });
    notifier().wakeEngine();
    notifier().touch(ctx.project.id, "messages", result.messageId);
    return result;
  },
);
