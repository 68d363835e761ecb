import { restoreUser } from "@/lib/domain/user/restore";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  {
    summary: "Take your account's deletion back, within its seven days.",
    scope: "browser",
    isForLeaving: true,
    response: noContent,
    errors: ["conflict"],
  },
  ({ ctx }) => restoreUser(ctx),
);
