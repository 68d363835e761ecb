import { broughtMessage } from "@/lib/domain/message/put";
import { resendMessage, resendMessageInput } from "@/lib/domain/message/resend";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Sends an edited copy of a message as a new message.",
    scope: "run",
    permission: "message.resend",
    body: resendMessageInput.omit({ messageId: true }),
    isLarge: true,
    response: broughtMessage,
    status: 201,
  },
  ({ ctx, params, body }) => resendMessage(ctx, { messageId: idParam.parse(params.id), ...body }),
);
