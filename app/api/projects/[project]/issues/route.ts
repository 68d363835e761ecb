import { listIssues, listIssuesInput } from "@/lib/domain/issue/list";
import { issueRow } from "@/lib/domain/issue/types";
import { pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the project's issues, failures of one cause each; the one that failed last first.",
    scope: "read",
    permission: "issue.read",
    query: listIssuesInput,
    response: pageOf(issueRow),
  },
  ({ ctx, query }) => listIssues(ctx, query),
);
