import { getUsage, getUsageInput } from "@/lib/domain/usage/get";
import { usage } from "@/lib/domain/usage/types";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "What a project ran in a month, day by day, against its plan, with a forecast to the month's end.",
    scope: "read",
    permission: "project.read",
    query: getUsageInput,
    response: usage,
  },
  ({ ctx, query }) => getUsage(ctx, query),
);
