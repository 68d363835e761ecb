import { deleteWorkflow } from "@/lib/domain/workflow/delete";
import { getWorkflow, workflowDetail } from "@/lib/domain/workflow/get";
import { getOpenfnWorkflow } from "@/lib/domain/workflow/openfn/document";
import { isOpenfnBody, openfnWorkflowBody } from "@/lib/domain/workflow/openfn/input";
import { updateOpenfnWorkflow } from "@/lib/domain/workflow/openfn/save";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { savedVersionInput } from "@/lib/domain/workflow/schemas";
import { savedWorkflow } from "@/lib/domain/workflow/write";
import { beside, isOpenfns } from "@/lib/http/beside";
import { noContent } from "@/lib/http/declaration";
import { workflowAnswer } from "@/lib/http/openfn-resources";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  {
    summary: "Shows one workflow, its graph and how its jobs last went.",
    scope: "read",
    permission: "workflow.read",
    isExact: true,
    response: beside(workflowDetail, workflowAnswer),
  },
  async ({ ctx, params: { id = "" }, request }) => ({
    ...(await getWorkflow(ctx, { id })),
    ...(isOpenfns({ ctx, request }) ? { workflow: await getOpenfnWorkflow([ctx], id), errors: {} } : {}),
  }),
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
    openfn: {
      isMeant: (body) => isOpenfnBody(body) || lacksVersion(body),
      body: openfnWorkflowBody,
      response: workflowAnswer,
      handle: async ({ ctx, params: { id = "" }, body }) => ({
        workflow: await updateOpenfnWorkflow(ctx, { id, body }, { resolveAdaptor }),
        errors: {},
      }),
    },
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

/** OpenFn's tools do not name the version that a change started from. */
const lacksVersion = (body: unknown): boolean =>
  typeof body === "object" && body !== null && !("lockVersion" in body);

export const PATCH = projectRoute(
  {
    summary: "Changes what the body names of a workflow, in OpenFn's shape. Lists that it names are whole.",
    scope: "deploy",
    permission: "workflow.write",
    body: openfnWorkflowBody,
    isLarge: true,
    isExact: true,
    response: workflowAnswer,
    errorShape: "openfn",
  },
  async ({ ctx, params: { id = "" }, body }) => ({
    workflow: await updateOpenfnWorkflow(ctx, { id, body }, { resolveAdaptor }),
    errors: {},
  }),
);
