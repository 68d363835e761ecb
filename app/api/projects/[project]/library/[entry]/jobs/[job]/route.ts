import { detachLibraryJob, jobOfLibrary } from "@/lib/domain/library/attach";
import { idParam, projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  {
    summary: "Detaches a job from a library entry: it keeps the code that it has, and can be changed alone.",
    scope: "deploy",
    permission: "workflow.write",
    response: jobOfLibrary,
    errors: ["conflict"],
  },
  ({ ctx, params }) =>
    detachLibraryJob(ctx, { id: idParam.parse(params.entry), jobId: idParam.parse(params.job) }),
);
