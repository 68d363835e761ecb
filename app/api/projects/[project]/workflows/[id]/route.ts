import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { getWorkflow, workflowDetail } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { savedVersionInput } from "@/lib/domain/workflow/schemas";
import { savedWorkflow } from "@/lib/domain/workflow/write";
import { noContent } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Shows one workflow, its graph and how its jobs last went.",
    scope: "read",
    permission: "workflow.read",
    isExact: true,
    response: workflowDetail,
  },
  ({ ctx, params }) => getWorkflow(ctx, { id: params.id ?? "" }),
);

export const PUT = projectRoute(
  {
    summary:
      "Saves a whole workflow as its next version. `lockVersion` is the one that the change started from.",
    scope: "deploy",
    permission: "workflow.write",
    body: savedVersionInput,
    isLarge: true,
    isExact: true,
    response: savedWorkflow,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => saveWorkflow(ctx, { ...body, id: idParam.parse(params.id) }, { resolveAdaptor }),
);

export const DELETE = projectRoute(
  {
    summary:
      "Deletes a workflow: it takes no message and no time any more. What it accepted before still runs; it can be restored.",
    scope: "deploy",
    permission: "workflow.write",
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params }) => deleteWorkflow(ctx, { id: idParam.parse(params.id) }),
);
