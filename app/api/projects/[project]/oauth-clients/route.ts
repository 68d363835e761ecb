import { oauthClientId } from "@/lib/domain/oauth-client/fields";
import { listProjectOauthClients, projectOauthClient } from "@/lib/domain/oauth-client/list";
import { shareOauthClient } from "@/lib/domain/oauth-client/share";
import { pageInput, pageOf } from "@/lib/domain/page";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "OAuth2 clients that are shared with the project.",
    scope: "read",
    permission: "project.read",
    query: pageInput,
    response: pageOf(projectOauthClient),
  },
  ({ ctx, query }) => listProjectOauthClients(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Let the project's people connect credentials with one of your OAuth2 clients.",
    scope: "write",
    permission: "credential.use",
    body: oauthClientId,
    response: noContent,
  },
  ({ ctx, body }) => shareOauthClient(ctx, body),
);
