import { authMethodSecret, revealAuthMethod } from "@/lib/domain/auth-method/reveal";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "The secret of an authentication method. Each reading is audited.",
    scope: "browser",
    sensitive: ["auth_method.reveal"],
    permission: "auth_method.manage",
    response: authMethodSecret,
  },
  ({ ctx, params }) => revealAuthMethod(ctx, { authMethodId: params.method ?? "" }),
);
