import { getAdaptor, getAdaptorInput } from "@/lib/domain/adaptor/get";
import { sharedRunner } from "@/lib/domain/workflow/runner-adaptors";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Shows one version of an adaptor: its operations, their documentation, its credential's schema.",
    permission: "workflow.read",
    query: getAdaptorInput,
  },
  ({ ctx, query }) => getAdaptor(ctx, query, { runner: sharedRunner() }),
);
