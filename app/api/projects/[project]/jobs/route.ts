import { pageOf } from "@/lib/domain/page";
import { jobRow, listJobs, listJobsInput } from "@/lib/domain/workflow/jobs";
import { listNumberedJobs, listNumberedJobsInput } from "@/lib/domain/workflow/numbered-jobs";
import { beside, isOpenfns } from "@/lib/http/beside";
import { jobList, jobsAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";

const numbered = listNumberedJobsInput.omit({ project_id: true });

export const GET = projectRoute(
  {
    summary:
      "Lists the project's jobs, by the names of their workflows. An API token gets OpenFn's page of them, too.",
    scope: "read",
    permission: "workflow.read",
    query: listJobsInput.extend(numbered.partial().shape),
    response: beside(pageOf(jobRow), jobList),
  },
  async ({ ctx, query: { page, page_size, ...query }, request }) => ({
    ...(await listJobs(ctx, query)),
    ...(isOpenfns({ ctx, request }, numbered)
      ? jobsAnswer(request, await listNumberedJobs([ctx], { page, page_size }))
      : {}),
  }),
);
