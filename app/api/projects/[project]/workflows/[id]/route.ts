import { getWorkflow } from "@/lib/domain/workflow/get";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { savedVersionInput } from "@/lib/domain/workflow/schemas";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const GET = projectRoute(
  { summary: "Shows one workflow, its graph and how its jobs last went.", permission: "workflow.read" },
  ({ ctx, params }) => getWorkflow(ctx, { id: params.id ?? "" }),
);

export const PUT = projectRoute(
  {
    summary:
      "Saves a whole workflow as its next version. `lockVersion` is the one that the change started from.",
    permission: "workflow.write",
    body: savedVersionInput,
  },
  ({ ctx, params, body }) => saveWorkflow(ctx, { ...body, id: idParam.parse(params.id) }, { resolveAdaptor }),
);
