import { listMyRules, ownRule } from "@/lib/domain/notice/rules/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "What you hear of each of your projects.",
    scope: "read",
    query: pageInput,
    response: pageOf(ownRule),
  },
  ({ ctx, query }) => listMyRules(ctx, query),
);
