import { pageOf } from "@/lib/domain/page";
import { listUsageMonths, listUsageMonthsInput } from "@/lib/domain/usage/months";
import { usageMonth } from "@/lib/domain/usage/types";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "What a project ran in former months, newest first.",
    scope: "read",
    permission: "project.read",
    query: listUsageMonthsInput,
    response: pageOf(usageMonth),
  },
  ({ ctx, query }) => listUsageMonths(ctx, query),
);
