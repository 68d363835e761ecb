import { reveal, revealed, revealInput } from "@/lib/domain/mask/reveal";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Shows the caller a message and all that was done with it unmasked for fifteen minutes. The reason is written down.",
    scope: "browser",
    permission: "message.read",
    body: revealInput,
    response: revealed,
    status: 201,
  },
  ({ ctx, params, body }) => reveal(ctx, { messageId: idParam.parse(params.id), ...body }),
);
