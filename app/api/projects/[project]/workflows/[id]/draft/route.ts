import { discardDraft } from "@/lib/domain/draft/discard";
import { getDraft } from "@/lib/domain/draft/get";
import { saveDraft } from "@/lib/domain/draft/save";
import { draftState, saveDraftInput, savedDraft } from "@/lib/domain/draft/schemas";
import { noContent } from "@/lib/http/declaration";
import { idParam, projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows your draft of a workflow with the version that it changes, and who else has one.",
    scope: "read",
    permission: "workflow.read",
    isExact: true,
    response: draftState,
  },
  ({ ctx, params }) => getDraft(ctx, { workflowId: idParam.parse(params.id) }),
);

export const PUT = projectRoute(
  {
    summary: "Keeps your draft of a workflow. It need not be sound, and nothing runs of it.",
    scope: "deploy",
    permission: "workflow.write",
    body: saveDraftInput,
    isLarge: true,
    isExact: true,
    response: savedDraft,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => saveDraft(ctx, { ...body, workflowId: idParam.parse(params.id) }),
);

export const DELETE = projectRoute(
  {
    summary: "Discards your draft of a workflow.",
    scope: "deploy",
    permission: "workflow.write",
    response: noContent,
  },
  ({ ctx, params }) => discardDraft(ctx, { workflowId: idParam.parse(params.id) }),
);
