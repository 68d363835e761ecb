import { importPreview, importProjectInput, previewImport } from "@/lib/domain/project/import";
import { userRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const POST = userRoute(
  {
    summary: "Says what importing files would make, and what otherwise than they say. Makes nothing.",
    scope: "deploy",
    body: importProjectInput,
    isLarge: true,
    response: importPreview,
    errors: ["conflict"],
    work: "bulk",
  },
  ({ ctx, body }) => previewImport(ctx, body, { resolveAdaptor }),
);
