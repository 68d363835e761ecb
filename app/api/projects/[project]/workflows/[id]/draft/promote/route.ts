import { promoteDraft, promoteDraftInput, promoted } from "@/lib/domain/draft/promote";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary: "Makes your draft the workflow's next version, which runs from now on.",
    scope: "deploy",
    permission: "workflow.write",
    body: promoteDraftInput,
    isExact: true,
    response: promoted,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) =>
    promoteDraft(ctx, { ...body, workflowId: idParam.parse(params.id) }, { resolveAdaptor }),
);
