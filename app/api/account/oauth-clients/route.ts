import { named } from "@/lib/domain/fields";
import { createOauthClient } from "@/lib/domain/oauth-client/create";
import { newOauthClient, oauthClientSummary } from "@/lib/domain/oauth-client/fields";
import { listOauthClients } from "@/lib/domain/oauth-client/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "OAuth2 clients that you may connect credentials with, without secrets.",
    scope: "read",
    query: pageInput,
    response: pageOf(oauthClientSummary),
  },
  ({ ctx, query }) => listOauthClients(ctx, query),
);

export const POST = userRoute(
  {
    summary: "Store an application that is registered at a service, to connect credentials with.",
    scope: "write",
    sensitive: ["oauth_client.create"],
    body: newOauthClient,
    response: named,
    status: 201,
    errors: ["conflict"],
  },
  ({ ctx, body }) => createOauthClient(ctx, body),
);
