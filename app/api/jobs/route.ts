import { callersContexts } from "@/lib/auth/context";
import { listNumberedJobs, listNumberedJobsInput } from "@/lib/domain/workflow/numbered-jobs";
import { openfnRoute } from "@/lib/http/openfn";
import { jobList, jobsAnswer } from "@/lib/http/openfn-resources";

export const GET = openfnRoute(
  {
    summary: "Jobs of all your projects, as OpenFn's API lists them.",
    scope: "read",
    query: listNumberedJobsInput,
    response: jobList,
  },
  async ({ ctx, query, request }) =>
    jobsAnswer(request, await listNumberedJobs(await callersContexts(ctx), query)),
);
