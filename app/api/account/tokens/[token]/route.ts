import { revokeToken } from "@/lib/domain/token/revoke";
import { userRoute } from "@/lib/http/route";

export const DELETE = userRoute({ summary: "Revoke one of your API tokens." }, ({ ctx, params }) =>
  revokeToken(ctx, { tokenId: params.token ?? "" }),
);
