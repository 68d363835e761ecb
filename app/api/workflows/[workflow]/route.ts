import { callersContexts } from "@/lib/auth/context";
import { getOpenfnWorkflow } from "@/lib/domain/workflow/openfn/document";
import { openfnRoute } from "@/lib/http/openfn";
import { workflowAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "A workflow of one of your projects with its code, as OpenFn's API shows it.",
    scope: "read",
    response: workflowAnswer,
  },
  async ({ ctx, params }) => ({
    workflow: await getOpenfnWorkflow(await callersContexts(ctx), params.workflow ?? ""),
    errors: {},
  }),
);
