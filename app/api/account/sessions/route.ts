import { sessionDays } from "@/lib/auth/cookie";
import { pageInput } from "@/lib/domain/page";
import { listSessions } from "@/lib/domain/session/list";
import { revokeOtherSessions } from "@/lib/domain/session/revoke";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  { summary: "Browsers where you are signed in.", query: pageInput },
  ({ ctx, query }) => listSessions(ctx, { ...query, maxAgeDays: sessionDays }),
);

export const DELETE = userRoute({ summary: "Sign every other browser out." }, async ({ ctx }) => ({
  revoked: await revokeOtherSessions(ctx),
}));
