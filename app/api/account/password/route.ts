import { changePassword, passwordChange } from "@/lib/domain/user/change-password";
import { userRoute } from "@/lib/http/route";

export const PUT = userRoute(
  { summary: "Change your password and sign every other browser out.", body: passwordChange },
  ({ ctx, body }) => changePassword(ctx, body),
);
