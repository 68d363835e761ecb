import { getDraftHead } from "@/lib/domain/draft/get";
import { draftHead } from "@/lib/domain/draft/schemas";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Says how often your draft of a workflow was saved, who saved the workflow last, and who else has a draft.",
    scope: "read",
    permission: "workflow.read",
    response: draftHead,
  },
  ({ ctx, params }) => getDraftHead(ctx, { workflowId: idParam.parse(params.id) }),
);
