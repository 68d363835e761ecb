import { drift, getDrift } from "@/lib/domain/drift/get";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Says which workflows were changed since the project's last deploy, by whom and from where.",
    scope: "read",
    permission: "workflow.read",
    response: drift,
  },
  ({ ctx }) => getDrift(ctx),
);
