import { deleteOauthClient } from "@/lib/domain/oauth-client/delete";
import { oauthClientUpdate } from "@/lib/domain/oauth-client/fields";
import { updateOauthClient } from "@/lib/domain/oauth-client/update";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const PATCH = userRoute(
  {
    summary: "Change one of your OAuth2 clients; without a secret, the one that it has stays.",
    scope: "write",
    sensitive: ["oauth_client.update"],
    body: oauthClientUpdate.omit({ oauthClientId: true }),
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => updateOauthClient(ctx, { ...body, oauthClientId: params.client ?? "" }),
);

export const DELETE = userRoute(
  {
    summary: "Delete one of your OAuth2 clients that nothing is connected with.",
    scope: "write",
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx, params }) => deleteOauthClient(ctx, { oauthClientId: params.client ?? "" }),
);
