import { duplicated, duplicateWorkflow, duplicateWorkflowInput } from "@/lib/domain/workflow/duplicate";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Makes a second workflow like one, with every trigger off.",
    scope: "deploy",
    permission: "workflow.write",
    body: duplicateWorkflowInput,
    response: duplicated,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => duplicateWorkflow(ctx, { ...body, workflowId: idParam.parse(params.id) }),
);
