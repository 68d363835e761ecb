import { database } from "@/db/client";
import { clientAddress } from "@/lib/auth/address";
import { sessionCookie, sessionCookieValue, sessionMaxAgeSeconds } from "@/lib/auth/cookie";
import { createSession } from "@/lib/domain/session/create";
import { registeredUser, registerUser } from "@/lib/domain/user/register";
import { registration } from "@/lib/domain/user/schemas";
import { env } from "@/lib/env";
import { Reply } from "@/lib/http/declaration";
import { publicRoute } from "@/lib/http/route";
import { mailMode } from "@/lib/mail/mode";

export const POST = publicRoute(
  {
    summary:
      "Create an account and sign in to it. Where others than this machine can ask, only with an invitation's token: accounts are made by a mailed link there.",
    body: registration,
    response: registeredUser,
    status: 201,
    errors: ["conflict", "limit"],
  },
  async ({ body, request }) => {
    const { db } = database();
    const mode = mailMode();
    const user = await registerUser(
      {
        db,
        address: clientAddress(request.headers),
        isSignupOpen: env().ALLOW_SIGNUP,
        isMailDelivered: mode === "smtp",
        needsInvitation: mode !== "local",
      },
      body,
    );
    const session = await createSession(db, {
      userId: user.id,
      userAgent: request.headers.get("user-agent"),
    });
    const cookie = await signedInCookie(session);
    return new Reply({ id: user.id, email: user.email }, { headers: { "set-cookie": cookie } });
  },
);

async function signedInCookie(session: { id: string; userId: string }): Promise<string> {
  const { name, options } = sessionCookie();
  const value = await sessionCookieValue(session);
  const flags = `Path=${options.path}; HttpOnly; SameSite=Lax; Max-Age=${sessionMaxAgeSeconds}`;
  return `${name}=${value}; ${flags}${options.secure ? "; Secure" : ""}`;
}
