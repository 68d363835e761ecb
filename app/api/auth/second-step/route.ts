import { database } from "@/db/client";
import { readCookie, sessionCookieName, sessionIdOf } from "@/lib/auth/cookie";
import { completeSession, secondStep } from "@/lib/domain/session/complete";
import { noContent } from "@/lib/http/declaration";
import { publicRoute } from "@/lib/http/route";

export const POST = publicRoute(
  {
    summary: "The second step of a sign-in: a code from the app, or a backup code.",
    body: secondStep,
    response: noContent,
    errors: ["unauthenticated", "limit"],
  },
  async ({ body, request }) => {
    const sessionId = await sessionIdOf(readCookie(request.headers.get("cookie"), sessionCookieName()));
    await completeSession(database().db, { ...body, sessionId });
  },
);
