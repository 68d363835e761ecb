import { adaptorDetail, getAdaptor, getAdaptorInput } from "@/lib/domain/adaptor/get";
import { projectRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const GET = projectRoute(
  {
    summary: "Shows one version of an adaptor: its operations, their documentation, its credential's schema.",
    scope: "read",
    permission: "workflow.read",
    query: getAdaptorInput,
    response: adaptorDetail,
  },
  ({ ctx, query }) => getAdaptor(ctx, query, { runner: sharedRunner() }),
);
