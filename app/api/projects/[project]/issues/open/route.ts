import { countOpenIssues, openIssues } from "@/lib/domain/issue/list";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "How many issues of the project are open.",
    scope: "read",
    permission: "issue.read",
    response: openIssues,
  },
  async ({ ctx }) => ({ count: await countOpenIssues(ctx) }),
);
