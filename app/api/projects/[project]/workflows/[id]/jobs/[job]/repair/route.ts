import { repairJob, repairJobInput } from "@/lib/domain/workflow/repair";
import { savedWorkflow } from "@/lib/domain/workflow/write";
import { idParam, projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary: "Changes the code of one job and nothing else: its workflow's next version.",
    scope: "deploy",
    permission: "workflow.write",
    body: repairJobInput.omit({ id: true, jobId: true }),
    isLarge: true,
    isExact: true,
    response: savedWorkflow,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) =>
    repairJob(
      ctx,
      { ...body, id: idParam.parse(params.id), jobId: idParam.parse(params.job) },
      { resolveAdaptor },
    ),
);
