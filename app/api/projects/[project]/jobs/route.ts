import { pageOf } from "@/lib/domain/page";
import { jobRow, listJobs, listJobsInput } from "@/lib/domain/workflow/jobs";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Lists the project's jobs, by the names of their workflows.",
    scope: "read",
    permission: "workflow.read",
    query: listJobsInput,
    response: pageOf(jobRow),
  },
  ({ ctx, query }) => listJobs(ctx, query),
);
