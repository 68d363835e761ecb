import { foundAdaptor, lookUpAdaptor, lookUpAdaptorInput } from "@/lib/domain/adaptor/look-up";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const POST = projectRoute(
  {
    summary:
      "Says what version of an adaptor a job would be pinned to, and builds it where it is not built yet.",
    scope: "deploy",
    permission: "workflow.write",
    body: lookUpAdaptorInput,
    response: foundAdaptor,
    errors: ["unavailable"],
  },
  ({ ctx, body }) => lookUpAdaptor(ctx, body, { resolveAdaptor }),
);
