import { attachJobInput, attachLibraryJob, jobOfLibrary } from "@/lib/domain/library/attach";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Makes a job one of a library entry: its code and adaptor become those of a version.",
    scope: "deploy",
    permission: "workflow.write",
    body: attachJobInput.omit({ id: true }),
    response: jobOfLibrary,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => attachLibraryJob(ctx, { ...body, id: idParam.parse(params.entry) }),
);
