import {
  getRetention,
  retentionSetting,
  retentionUpdate,
  updateRetention,
} from "@/lib/domain/retention/settings";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "For how long a project keeps what, and from when on what is over goes.",
    scope: "read",
    permission: "project.read",
    response: retentionSetting,
  },
  ({ ctx }) => getRetention(ctx),
);

export const PUT = projectRoute(
  {
    summary:
      "Says for how long the project keeps what. Where that is less than before, nothing goes for an hour; what goes then is gone for good. Ask the preview first.",
    scope: "write",
    permission: "project.update",
    sensitive: ["project.retention"],
    body: retentionUpdate,
    response: retentionSetting,
    errors: ["conflict"],
  },
  ({ ctx, body }) => updateRetention(ctx, body),
);
