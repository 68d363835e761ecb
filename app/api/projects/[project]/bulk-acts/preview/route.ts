import { previewBulk } from "@/lib/domain/bulk/preview";
import { bulkInput, bulkPreview } from "@/lib/domain/bulk/schemas";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Says how many items a bulk act would be for, shows the first, and what it would do a second time; changes nothing.",
    scope: "run",
    permission: "run.rerun",
    body: bulkInput,
    response: bulkPreview,
    work: "read",
  },
  ({ ctx, body }) => previewBulk(ctx, body),
);
