import { savedVersion } from "@/lib/domain/workflow/enable";
import { renameWorkflow, renameWorkflowInput } from "@/lib/domain/workflow/rename";
import { idParam, projectRoute } from "@/lib/http/route";

export const PUT = projectRoute(
  {
    summary: "Gives a workflow another name: its next version.",
    scope: "deploy",
    permission: "workflow.write",
    body: renameWorkflowInput,
    response: savedVersion,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => renameWorkflow(ctx, { ...body, workflowId: idParam.parse(params.id) }),
);
