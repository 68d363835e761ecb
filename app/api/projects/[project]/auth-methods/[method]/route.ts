import { deleteAuthMethod } from "@/lib/domain/auth-method/delete";
import { authMethodLinks, linkAuthMethod } from "@/lib/domain/auth-method/link";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Say which URLs an authentication method protects.",
    scope: "write",
    permission: "auth_method.manage",
    body: authMethodLinks.omit({ authMethodId: true }),
    response: noContent,
  },
  ({ ctx, params, body }) => linkAuthMethod(ctx, { ...body, authMethodId: params.method ?? "" }),
);

export const DELETE = projectRoute(
  {
    summary: "Delete an authentication method.",
    scope: "write",
    permission: "auth_method.manage",
    response: noContent,
  },
  ({ ctx, params }) => deleteAuthMethod(ctx, { authMethodId: params.method ?? "" }),
);
