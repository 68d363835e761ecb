import { adaptorVersions, adaptorVersionsInput, listAdaptorVersions } from "@/lib/domain/adaptor/versions";
import { projectRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const GET = projectRoute(
  {
    summary:
      "Lists the versions of an adaptor that can be had: the registry's, and those that are built here.",
    scope: "read",
    permission: "workflow.write",
    query: adaptorVersionsInput,
    response: adaptorVersions,
  },
  ({ ctx, query }) => listAdaptorVersions(ctx, query, { runner: sharedRunner() }),
);
