import { createAuthMethod, newAuthMethod } from "@/lib/domain/auth-method/create";
import { listAuthMethods } from "@/lib/domain/auth-method/list";
import { pageInput } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "How senders prove themselves, without secrets.",
    permission: "workflow.read",
    query: pageInput,
  },
  ({ ctx, query }) => listAuthMethods(ctx, query),
);

export const POST = projectRoute(
  {
    summary: "Add a user name with password, or an API key, for senders.",
    permission: "auth_method.manage",
    body: newAuthMethod,
    status: 201,
  },
  ({ ctx, body }) => createAuthMethod(ctx, body),
);
