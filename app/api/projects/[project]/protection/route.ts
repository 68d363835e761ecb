import { protection } from "@/lib/domain/mask/protection";
import { getProtection, setProtection } from "@/lib/domain/mask/set";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "What is masked in the project, for which roles, and which roles download nothing.",
    scope: "read",
    permission: "project.read",
    response: protection,
  },
  ({ ctx }) => getProtection(ctx),
);

export const PUT = projectRoute(
  {
    summary:
      "Sets what is masked, for which roles, and which roles download nothing. Holds from the next request on.",
    scope: "write",
    permission: "project.update",
    body: protection,
    response: protection,
  },
  ({ ctx, body }) => setProtection(ctx, body),
);
