import { pageOf } from "@/lib/domain/page";
import { listTestsOfMessage, messageTests } from "@/lib/domain/test-run/of-message";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says how often you tried a message on drafts of yours, by workflow.",
    scope: "read",
    permission: "message.read",
    response: pageOf(messageTests),
  },
  ({ ctx, params }) => listTestsOfMessage(ctx, { messageId: idParam.parse(params.id) }),
);
