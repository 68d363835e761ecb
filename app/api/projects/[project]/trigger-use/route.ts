import { getTriggerUse, triggerUse } from "@/lib/domain/workflow/trigger-use";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Returns what the project's triggers have that another one cannot: custom paths, and which jobs start which workflows.",
    scope: "read",
    permission: "workflow.read",
    response: triggerUse,
  },
  ({ ctx }) => getTriggerUse(ctx),
);
