import { endTransfer } from "@/lib/domain/credential-transfer/answer";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const DELETE = userRoute(
  { summary: "Withdraw an offer of yours, or decline one.", scope: "write", response: noContent },
  ({ ctx, params }) => endTransfer(ctx, { transferId: params.transfer ?? "" }),
);
