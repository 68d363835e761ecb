import { revokeSession } from "@/lib/domain/session/revoke";
import { userRoute } from "@/lib/http/route";

export const DELETE = userRoute({ summary: "Sign one browser out." }, ({ ctx, params }) =>
  revokeSession(ctx, { sessionId: params.session ?? "" }),
);
