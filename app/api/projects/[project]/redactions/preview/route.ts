import {
  previewRedactions,
  redactionPreview,
  redactionPreviewInput,
} from "@/lib/domain/message/preview-redactions";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary:
      "Says where paths to redact lead in the newest message, and whether such a message could be stored; changes nothing.",
    scope: "write",
    permission: "project.update",
    body: redactionPreviewInput,
    response: redactionPreview,
    work: "read",
  },
  ({ ctx, body }) => previewRedactions(ctx, body),
);
