import { changePassword, passwordChange } from "@/lib/domain/user/change-password";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const PUT = userRoute(
  {
    summary: "Change your password and sign every other browser out.",
    scope: "browser",
    sensitive: ["account.password"],
    body: passwordChange,
    response: noContent,
  },
  ({ ctx, body }) => changePassword(ctx, body),
);
