import { filesInput } from "@/lib/domain/spec/plan";
import { previewFiles, specPreview } from "@/lib/domain/spec/preview";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary: "Says what files would change in the project, workflow by workflow. Changes nothing.",
    scope: "deploy",
    permission: "project.provision",
    body: filesInput,
    isLarge: true,
    response: specPreview,
    errors: ["conflict"],
    work: "bulk",
  },
  ({ ctx, body }) => previewFiles(ctx, body, { resolveAdaptor }),
);
