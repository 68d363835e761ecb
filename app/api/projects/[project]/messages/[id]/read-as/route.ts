import { broughtMessage } from "@/lib/domain/message/put";
import { readMessageAs, readMessageAsInput } from "@/lib/domain/message/read-as";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Processes a message as a new one, with its body read in another format or charset.",
    scope: "run",
    permission: "message.resend",
    body: readMessageAsInput.omit({ messageId: true }),
    response: broughtMessage,
    status: 201,
  },
  ({ ctx, params, body }) => readMessageAs(ctx, { messageId: idParam.parse(params.id), ...body }),
);
