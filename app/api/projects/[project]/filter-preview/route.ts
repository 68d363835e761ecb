import { filterPreview, filterPreviewInput, previewFilter } from "@/lib/domain/message/filter-preview";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Says how many of the project's newest messages a filter would take, and which of its conditions stops the others; changes nothing.",
    scope: "write",
    permission: "workflow.write",
    body: filterPreviewInput,
    isExact: true,
    response: filterPreview,
    work: "read",
  },
  ({ ctx, body }) => previewFilter(ctx, body),
);
