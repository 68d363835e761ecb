import { enableWorkflow, enableWorkflowInput, savedVersion } from "@/lib/domain/workflow/enable";
import { idParam, projectRoute } from "@/lib/http/route";

export const PUT = projectRoute(
  {
    summary: "Switches a workflow, or one trigger of it, on or off: its next version.",
    scope: "deploy",
    permission: "workflow.write",
    body: enableWorkflowInput,
    response: savedVersion,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => enableWorkflow(ctx, { ...body, workflowId: idParam.parse(params.id) }),
);
