import { getNamedJob } from "@/lib/domain/workflow/numbered-jobs";
import { jobAnswer, oneJob } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "One job, as OpenFn's API shows it.",
    scope: "read",
    permission: "workflow.read",
    response: oneJob,
    errorShape: "openfn",
  },
  async ({ ctx, params, request }) => jobAnswer(request, await getNamedJob([ctx], params.job ?? "")),
);
