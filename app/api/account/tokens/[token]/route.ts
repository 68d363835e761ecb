import { revokeToken } from "@/lib/domain/token/revoke";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const DELETE = userRoute(
  { summary: "Revoke one of your API tokens.", scope: "browser", response: noContent },
  ({ ctx, params }) => revokeToken(ctx, { tokenId: params.token ?? "" }),
);
