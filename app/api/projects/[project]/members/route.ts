import { listMembers, memberSummary } from "@/lib/domain/member/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "The project's collaborators.",
    scope: "read",
    permission: "project.read",
    query: pageInput,
    response: pageOf(memberSummary),
  },
  ({ ctx, query }) => listMembers(ctx, query),
);
