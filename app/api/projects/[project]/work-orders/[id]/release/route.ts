import { releaseWorkOrder } from "@/lib/domain/run/release";
import { releaseInput } from "@/lib/domain/run/rerun-plan";
import { startedRuns } from "@/lib/domain/run/types";
import { idParam, projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Releases a work order that the project's plan has kept from running: queues its first run.",
    scope: "run",
    permission: "run.rerun",
    body: releaseInput.omit({ workOrderId: true }),
    response: startedRuns,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, params, body }) => releaseWorkOrder(ctx, { ...body, workOrderId: idParam.parse(params.id) }),
);
