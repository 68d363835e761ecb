import {
  getRestoration,
  restoration,
  restored,
  restoreInput,
  restoreVersion,
  workflowVersionPlace,
} from "@/lib/domain/workflow/restore";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says what restoring an older version of a workflow would change, and what cannot come back.",
    scope: "read",
    permission: "workflow.read",
    response: restoration,
  },
  ({ ctx, params }) => {
    const { id, version } = params;
    return getRestoration(ctx, workflowVersionPlace.parse({ id, version }));
  },
);

export const POST = projectRoute(
  {
    summary: "Makes an older version of a workflow, of a deleted one too, its next one.",
    scope: "deploy",
    permission: "workflow.write",
    body: restoreInput,
    response: restored,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => {
    const { id, version } = params;
    return restoreVersion(ctx, { ...workflowVersionPlace.parse({ id, version }), ...body });
  },
);
