import { pageOf } from "@/lib/domain/page";
import { listWorkflows, listWorkflowsInput, workflowRow } from "@/lib/domain/workflow/list";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { saveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { savedWorkflow } from "@/lib/domain/workflow/write";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Lists the project's workflows by name.",
    scope: "read",
    permission: "workflow.read",
    query: listWorkflowsInput,
    response: pageOf(workflowRow),
  },
  ({ ctx, query }) => listWorkflows(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Makes a workflow. Ids of its parts are the client's.",
    scope: "deploy",
    permission: "workflow.write",
    body: saveWorkflowInput.omit({ lockVersion: true }),
    isLarge: true,
    isExact: true,
    response: savedWorkflow,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, body }) => saveWorkflow(ctx, body, { resolveAdaptor }),
);
