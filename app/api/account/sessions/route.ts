import { sessionDays } from "@/lib/auth/cookie";
import { pageInput, pageOf } from "@/lib/domain/page";
import { listSessions, sessionSummary } from "@/lib/domain/session/list";
import { revokedSessions, revokeOtherSessions } from "@/lib/domain/session/revoke";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  {
    summary: "Browsers where you are signed in.",
    scope: "browser",
    query: pageInput,
    response: pageOf(sessionSummary),
  },
  ({ ctx, query }) => listSessions(ctx, { ...query, maxAgeDays: sessionDays }),
);

export const DELETE = userRoute(
  { summary: "Sign every other browser out.", scope: "browser", response: revokedSessions },
  async ({ ctx }) => ({
    revoked: await revokeOtherSessions(ctx),
  }),
);
