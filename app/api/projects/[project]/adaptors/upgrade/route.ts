import { adaptorUpgrade, upgradeAdaptor, upgradeAdaptorInput } from "@/lib/domain/adaptor/upgrade";
import { projectRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const POST = projectRoute(
  {
    summary:
      "Says what another version of an adaptor changes. With `apply`, pins the project's jobs to that version.",
    scope: "deploy",
    permission: "workflow.write",
    body: upgradeAdaptorInput,
    response: adaptorUpgrade,
    errors: ["conflict"],
  },
  ({ ctx, body }) => upgradeAdaptor(ctx, body, { runner: sharedRunner() }),
);
