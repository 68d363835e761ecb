import { revokeProjectToken } from "@/lib/domain/project-token/revoke";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  {
    summary: "Revoke one of the project's own tokens.",
    scope: "browser",
    permission: "project_token.manage",
    response: noContent,
  },
  ({ ctx, params }) => revokeProjectToken(ctx, { tokenId: params.token ?? "" }),
);
