import { unshareOauthClient } from "@/lib/domain/oauth-client/share";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  {
    summary: "Take an OAuth2 client away from the project's people.",
    scope: "write",
    permission: "project.read",
    response: noContent,
  },
  ({ ctx, params }) => unshareOauthClient(ctx, { oauthClientId: params.client ?? "" }),
);
