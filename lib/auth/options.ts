import type { NextAuthOptions } from "next-auth";
import { z } from "zod";
import { database } from "@/db/client";
import { createSession } from "@/lib/domain/session/create";
import { resolveHalfSession, resolveSession } from "@/lib/domain/session/resolve";
import { revokeSession } from "@/lib/domain/session/revoke";
import { isLinkToBeMailed } from "@/lib/domain/user/link-request";
import { verifyEmail } from "@/lib/domain/user/verify-email";
import { env, publicUrl } from "@/lib/env";
import { announce } from "@/lib/live/shared";
import { log } from "@/lib/log";
import { adapter } from "./adapter";
import { clientAddress } from "./address";
import { currentUser } from "./context";
import { authSecret, sessionCookie, sessionMaxAgeSeconds } from "./cookie";
import { knownDevice } from "./device";
import { mayJoin } from "./may-join";
import { authProviders } from "./providers";

const secure = () => sessionCookie(env()).name.startsWith("__Secure-");

/**
 * next-auth for one request. Its session is a JWT that names a row of `sessions`, which alone says whether it is good.
 * `signedIn` is told of an account that this browser signed in to.
 */
export function authOptions(headers: Headers, signedIn: (email: string) => void): NextAuthOptions {
  const address = clientAddress(headers);
  return {
    adapter,
    secret: authSecret(),
    providers: authProviders({ address, cookies: headers.get("cookie") }),
    session: { strategy: "jwt", maxAge: sessionMaxAgeSeconds },
    useSecureCookies: secure(),
    cookies: { sessionToken: sessionCookie(env()) },
    pages: { signIn: "/sign-in", signOut: "/sign-out", error: "/sign-in", verifyRequest: "/sign-in/sent" },
    callbacks: {
      async signIn({ user, account, email, profile }) {
        const { db } = database();
        const mailbox = user.email?.trim().toLowerCase() ?? "";
        if (email?.verificationRequest) {
          const device = knownDevice(headers.get("cookie"), mailbox);
          return (await isLinkToBeMailed({ db, address, device }, mailbox)) || linkOnItsWay();
        }
        if (account?.type === "credentials") return true;
        if (account?.type === "oauth" && isUnproven(profile) && !(await adapter.getUserByAccount?.(account)))
          return "/sign-in?error=MailboxUnproven";
        return (await mayJoin(db, mailbox)) || "/sign-in?error=SignupClosed";
      },
      async jwt({ token, user }) {
        if (!user) return token;
        const before = await currentUser();
        const session = await createSession(database().db, {
          userId: user.id,
          userAgent: headers.get("user-agent"),
        });
        // Who signs in again, to show to be there, has one session in this browser all the same.
        if (before?.id === user.id) await endSession(before.sessionId);
        if (user.email) signedIn(user.email);
        return { sub: user.id, sid: session.id };
      },
      // What the library's own session route tells: nothing. Pages ask lib/auth/context.ts.
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      signIn: ({ user, account, profile }) =>
        account?.type === "oauth" ? believeProvider(user, profile) : undefined,
      signOut: ({ token }) => endSession(token.sid),
    },
    logger: {
      error: (code, metadata) =>
        log.warn("sign-in failed", { code, error: "error" in metadata ? metadata.error : metadata }),
      warn: () => {},
      debug: () => {},
    },
  };
}

/** Where the library itself leads after it mailed a link: the answer is the same when it mails none. */
const linkOnItsWay = (): string => `${publicUrl(env())}/api/auth/verify-request?provider=email&type=email`;

const unprovenProfile = z.object({ email_verified: z.literal(false) });

/** Whoever claims an address that the provider has not checked learns nothing about it. */
const isUnproven = (profile: unknown): boolean => unprovenProfile.safeParse(profile).success;

const verifiedProfile = z.object({ email: z.string(), email_verified: z.literal(true) });

/** A provider that has checked the mailbox, and says so, proves it. */
async function believeProvider(user: { id: string; email?: string | null }, profile: unknown): Promise<void> {
  const claim = verifiedProfile.safeParse(profile);
  if (claim.success && claim.data.email.trim().toLowerCase() === user.email)
    await verifyEmail(database().db, { userId: user.id, isOwnBrowser: true });
}

async function endSession(sid: unknown): Promise<void> {
  if (typeof sid !== "string") return;
  const { db } = database();
  const user = (await resolveSession(db, sid)) ?? (await resolveHalfSession(db, sid));
  if (user)
    await revokeSession(
      { db, announce, actor: { type: "user", userId: user.id, label: user.email } },
      { sessionId: sid },
    );
}
