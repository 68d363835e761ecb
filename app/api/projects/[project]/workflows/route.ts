import { pageOf } from "@/lib/domain/page";
import { listWorkflows, listWorkflowsInput, workflowRow } from "@/lib/domain/workflow/list";
import { getOpenfnWorkflow, listOpenfnWorkflows } from "@/lib/domain/workflow/openfn/document";
import { isOpenfnBody, openfnWorkflowBody } from "@/lib/domain/workflow/openfn/input";
import { createOpenfnWorkflow } from "@/lib/domain/workflow/openfn/save";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { saveWorkflowInput } from "@/lib/domain/workflow/schemas";
import { savedWorkflow } from "@/lib/domain/workflow/write";
import { beside, isOpenfns } from "@/lib/http/beside";
import { workflowAnswer, workflowsAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Lists the project's workflows by name. An API token gets all of them in OpenFn's shape, too.",
    scope: "read",
    permission: "workflow.read",
    query: listWorkflowsInput,
    response: beside(pageOf(workflowRow), workflowsAnswer),
  },
  async ({ ctx, query, request }) => ({
    ...(await listWorkflows(ctx, query)),
    ...(isOpenfns({ ctx, request }) ? { workflows: await listOpenfnWorkflows([ctx]), errors: {} } : {}),
  }),
);

export const POST = projectRoute(
  {
    summary:
      "Makes a workflow. Ids of its parts are the client's; those of a body in OpenFn's shape are replaced.",
    scope: "deploy",
    permission: "workflow.write",
    body: saveWorkflowInput.omit({ lockVersion: true }),
    isLarge: true,
    isExact: true,
    response: beside(savedWorkflow, workflowAnswer),
    openfn: {
      isMeant: isOpenfnBody,
      body: openfnWorkflowBody,
      response: workflowAnswer,
      handle: async ({ ctx, body }) => ({
        workflow: await createOpenfnWorkflow(ctx, body, { resolveAdaptor }),
        errors: {},
      }),
    },
    errors: ["conflict"],
    status: 201,
  },
  async ({ ctx, body, request }) => {
    const saved = await saveWorkflow(ctx, body, { resolveAdaptor });
    return isOpenfns({ ctx, request })
      ? { ...saved, workflow: await getOpenfnWorkflow([ctx], saved.id), errors: {} }
      : saved;
  },
);
