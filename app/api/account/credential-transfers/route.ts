import { listTransfers, transferSummary } from "@/lib/domain/credential-transfer/list";
import { newTransfer, offerCredential, offeredTransfer } from "@/lib/domain/credential-transfer/offer";
import { pageInput, pageOf } from "@/lib/domain/page";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "Credentials that you are offered, and that you offer.",
    scope: "read",
    query: pageInput,
    response: pageOf(transferSummary),
  },
  ({ ctx, query }) => listTransfers(ctx, query),
);

export const POST = userRoute(
  {
    summary: "Offer one of your credentials to a collaborator, whose it is once it is accepted.",
    scope: "browser",
    sensitive: ["credential.transfer"],
    body: newTransfer,
    response: offeredTransfer,
    status: 201,
  },
  ({ ctx, body }) => offerCredential(ctx, body),
);
