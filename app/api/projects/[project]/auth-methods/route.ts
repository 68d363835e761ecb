import { createAuthMethod, createdAuthMethod, newAuthMethod } from "@/lib/domain/auth-method/create";
import { authMethodSummary, listAuthMethods } from "@/lib/domain/auth-method/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "How senders prove themselves, without secrets.",
    scope: "read",
    permission: "workflow.read",
    query: pageInput,
    response: pageOf(authMethodSummary),
  },
  ({ ctx, query }) => listAuthMethods(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Add a user name with password, an API key, or a secret that senders sign with.",
    scope: "write",
    sensitive: ["auth_method.create"],
    permission: "auth_method.manage",
    body: newAuthMethod,
    response: createdAuthMethod,
    errors: ["conflict"],
    status: 201,
  },
  ({ ctx, body }) => createAuthMethod(ctx, body),
);
