import { previewRetention, retentionPreview, retentionPreviewInput } from "@/lib/domain/retention/preview";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "How much a setting of retention would take away at once, counted up to a bound. Changes nothing.",
    scope: "write",
    permission: "project.update",
    body: retentionPreviewInput,
    response: retentionPreview,
    work: "read",
    errors: ["limit"],
  },
  ({ ctx, body }) => previewRetention(ctx, body),
);
