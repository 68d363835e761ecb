import { pageOf } from "@/lib/domain/page";
import { listVersionsInput, listWorkflowVersions, workflowVersion } from "@/lib/domain/workflow/versions";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists a workflow's versions, newest first.",
    scope: "read",
    permission: "workflow.read",
    query: listVersionsInput.omit({ id: true }),
    response: pageOf(workflowVersion),
  },
  ({ ctx, params, query }) => listWorkflowVersions(ctx, { ...query, id: idParam.parse(params.id) }),
);
