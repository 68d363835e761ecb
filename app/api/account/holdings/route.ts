import { accountHoldings, getUserHoldings } from "@/lib/domain/user/holdings";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "What your account holds: what would go if it were deleted, and who would miss it.",
    scope: "read",
    response: accountHoldings,
  },
  ({ ctx }) => getUserHoldings(ctx),
);
