import { getSecondFactor, secondFactor } from "@/lib/domain/second-factor/get";
import { removeSecondFactor } from "@/lib/domain/second-factor/remove";
import { beginSecondFactor, begunSecondFactor, secondFactorCode } from "@/lib/domain/second-factor/set-up";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";
import { mailMode } from "@/lib/mail/mode";

export const GET = userRoute(
  { summary: "Whether you have a second factor.", scope: "browser", response: secondFactor },
  ({ ctx }) => getSecondFactor(ctx),
);

export const POST = userRoute(
  {
    summary: "Begin to set up a second factor. Nothing asks for it until a code confirms it.",
    scope: "browser",
    sensitive: ["second_factor.set_up"],
    response: begunSecondFactor,
    status: 201,
    errors: ["conflict"],
  },
  ({ ctx }) => beginSecondFactor(ctx, { isMailDelivered: mailMode() === "smtp" }),
);

export const DELETE = userRoute(
  {
    summary: "Turn your second factor off, with a code of it.",
    scope: "browser",
    sensitive: ["second_factor.remove"],
    body: secondFactorCode,
    response: noContent,
  },
  ({ ctx, body }) => removeSecondFactor(ctx, body),
);
