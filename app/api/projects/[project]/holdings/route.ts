import { getProjectHoldings, projectHoldings } from "@/lib/domain/project/holdings";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "How much a project holds: what would go if it were deleted.",
    scope: "read",
    permission: "project.read",
    response: projectHoldings,
  },
  ({ ctx }) => getProjectHoldings(ctx),
);
