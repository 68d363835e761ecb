import { revokeSession } from "@/lib/domain/session/revoke";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const DELETE = userRoute(
  { summary: "Sign one browser out.", scope: "browser", response: noContent },
  ({ ctx, params }) => revokeSession(ctx, { sessionId: params.session ?? "" }),
);
