import { reauthenticationWays, waysToReauthenticate } from "@/lib/auth/reauthentication";
import { reauthenticate, reauthentication } from "@/lib/domain/session/reauthenticate";
import { noContent } from "@/lib/http/declaration";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "Who is signed in, how long ago, and how to show it again.",
    scope: "browser",
    response: reauthenticationWays,
  },
  ({ ctx }) => waysToReauthenticate(ctx),
);

export const POST = userRoute(
  {
    summary: "Show that it is you, with your password or a code: sensitive acts are open for ten minutes.",
    scope: "browser",
    body: reauthentication,
    response: noContent,
  },
  ({ ctx, body }) => reauthenticate(ctx, body),
);
