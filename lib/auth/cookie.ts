import { decode, encode } from "next-auth/jwt";
import { deriveKey } from "@/lib/crypto/keys";
import { type Env, env, publicUrl } from "@/lib/env";

export const sessionDays = 30;
export const sessionMaxAgeSeconds = sessionDays * 86_400;

/** next-auth's secret: a key of its own, so that nothing else is signed with it. */
export const authSecret = (): string => deriveKey("sessions").toString("base64");

const isHttps = (e: Env): boolean => publicUrl(e).startsWith("https:");

/** Cookies know no ports: the port in the name keeps two copies on one host apart. */
export const sessionCookieName = (e: Env = env()): string =>
  `${isHttps(e) ? "__Secure-" : ""}waybill-session${e.PUBLIC_URL ? "" : `-${e.PORT}`}`;

export const sessionCookie = (e: Env = env()) => ({
  name: sessionCookieName(e),
  options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure: isHttps(e) },
});

/** The `sessions` row that a cookie names, or undefined when it is not ours or too old. */
export async function sessionIdOf(cookie: string | undefined): Promise<string | undefined> {
  if (!cookie) return undefined;
  const claims = await decode({ token: cookie, secret: authSecret() }).catch(() => null);
  return typeof claims?.sid === "string" ? claims.sid : undefined;
}

/** A cookie value that names a `sessions` row. */
export const sessionCookieValue = (session: { id: string; userId: string }): Promise<string> =>
  encode({
    token: { sid: session.id, sub: session.userId },
    secret: authSecret(),
    maxAge: sessionMaxAgeSeconds,
  });

/** One cookie of a `Cookie` header. */
export function readCookie(header: string | null, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return decoded(pair.slice(at + 1).trim());
  }
  return undefined;
}

/** Undefined for what nobody encoded. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
