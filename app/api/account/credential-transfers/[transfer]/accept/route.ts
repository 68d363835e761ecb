import { acceptTransfer, transferAcceptance } from "@/lib/domain/credential-transfer/answer";
import { named } from "@/lib/domain/fields";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  {
    summary: "Accept a credential that you are offered.",
    scope: "browser",
    body: transferAcceptance.omit({ transferId: true }),
    response: named,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => acceptTransfer(ctx, { ...body, transferId: params.transfer ?? "" }),
);
