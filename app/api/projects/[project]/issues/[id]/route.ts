import { getIssue } from "@/lib/domain/issue/get";
import { issueRow } from "@/lib/domain/issue/types";
import { updateIssue, updateIssueInput } from "@/lib/domain/issue/update";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "One issue: its cause, how often and when it failed, and how it stands.",
    scope: "read",
    permission: "issue.read",
    response: issueRow,
  },
  ({ ctx, params }) => getIssue(ctx, idParam.parse(params.id)),
);

export const PATCH = projectRoute(
  {
    summary: "Acknowledges, resolves, ignores or opens an issue.",
    scope: "run",
    permission: "issue.update",
    body: updateIssueInput.omit({ id: true }),
    response: issueRow,
  },
  ({ ctx, params, body }) => updateIssue(ctx, { ...body, id: idParam.parse(params.id) }),
);
