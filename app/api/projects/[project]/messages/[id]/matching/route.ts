import { getMessageMatching, messageMatching } from "@/lib/domain/message/matching";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Says of each trigger of the project whether it takes the message, and which condition of its filter failed. Compares with the filters as they are now.",
    scope: "read",
    permission: "message.read",
    response: messageMatching,
  },
  ({ ctx, params }) => getMessageMatching(ctx, idParam.parse(params.id)),
);
