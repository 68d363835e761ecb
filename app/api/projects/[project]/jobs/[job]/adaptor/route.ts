import { chooseAdaptor, chooseAdaptorInput, chosenAdaptor } from "@/lib/domain/adaptor/choose";
import { projectRoute } from "@/lib/http/route";
import { resolveAdaptor } from "@/lib/processes/host";

export const PUT = projectRoute(
  {
    summary:
      "Chooses the adaptor of one job, as for one whose own cannot be had: its workflow's next version.",
    scope: "deploy",
    permission: "workflow.write",
    body: chooseAdaptorInput.omit({ jobId: true }),
    response: chosenAdaptor,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => chooseAdaptor(ctx, { ...body, jobId: params.job ?? "" }, { resolveAdaptor }),
);
