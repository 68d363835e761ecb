import { pageInput, pageOf } from "@/lib/domain/page";
import { deletedWorkflow, listDeletedWorkflows } from "@/lib/domain/workflow/deleted";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Lists the workflows that were deleted, the last one first. Any version of them can be restored.",
    scope: "read",
    permission: "workflow.read",
    query: pageInput,
    response: pageOf(deletedWorkflow),
  },
  ({ ctx, query }) => listDeletedWorkflows(ctx, query),
);
