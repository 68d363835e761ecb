import { acceptedRequest, acceptRefused } from "@/lib/domain/refused/accept";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Accept a refused request after all: it becomes a message that came when it did, and is processed.",
    scope: "run",
    permission: "message.resend",
    response: acceptedRequest,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params }) => acceptRefused(ctx, { id: idParam.parse(params.id) }),
);
