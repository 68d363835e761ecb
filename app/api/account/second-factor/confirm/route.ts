import { newCodes } from "@/lib/domain/second-factor/codes";
import { confirmSecondFactor, secondFactorCode } from "@/lib/domain/second-factor/set-up";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  {
    summary:
      "Turn your second factor on and sign every other browser out. The answer alone shows the backup codes.",
    scope: "browser",
    sensitive: ["second_factor.set_up"],
    body: secondFactorCode,
    response: newCodes,
    errors: ["conflict"],
  },
  ({ ctx, body }) => confirmSecondFactor(ctx, body),
);
