import Credentials from "next-auth/providers/credentials";
import type { EmailConfig } from "next-auth/providers/email";
import GitHub from "next-auth/providers/github";
import Google from "next-auth/providers/google";
import type { Provider } from "next-auth/providers/index";
import { z } from "zod";
import { database } from "@/db/client";
import { authenticateUser } from "@/lib/domain/user/authenticate";
import { type Env, env } from "@/lib/env";
import { mailMode } from "@/lib/mail/mode";
import { sendMail } from "@/lib/mail/send";
import { signInMail } from "@/lib/mail/texts";
import { mayJoin } from "./may-join";

const linkMinutes = 15;

/** `address`: who to count wrong passwords against. */
export function authProviders(address: string, e: Env = env()): Provider[] {
  return [
    password(address),
    ...(mailMode(e) === "none" ? [] : [magicLink]),
    ...(e.GITHUB_ID && e.GITHUB_SECRET
      ? [GitHub({ clientId: e.GITHUB_ID, clientSecret: e.GITHUB_SECRET })]
      : []),
    ...(e.GOOGLE_ID && e.GOOGLE_SECRET
      ? [Google({ clientId: e.GOOGLE_ID, clientSecret: e.GOOGLE_SECRET })]
      : []),
    ...openIdConnect(e),
  ];
}

const password = (address: string): Provider =>
  Credentials({
    credentials: { email: { label: "E-mail" }, password: { label: "Password", type: "password" } },
    async authorize(input) {
      const { email = "", password = "" } = input ?? {};
      return (await authenticateUser({ db: database().db, address }, { email, password })) ?? null;
    },
  });

/** Written by hand: the library's own provider would load nodemailer into every request. */
const magicLink: EmailConfig = {
  id: "email",
  type: "email",
  name: "Email",
  server: "",
  from: "",
  maxAge: linkMinutes * 60,
  options: {},
  async sendVerificationRequest({ identifier, url }) {
    const { db } = database();
    // Nobody learns here whether an e-mail has an account: the page says the same either way.
    if (!(await mayJoin(db, identifier))) return;
    await sendMail(db, signInMail({ to: identifier, link: url, minutes: linkMinutes }));
  },
};

const claims = z.object({ sub: z.string(), name: z.string().optional(), email: z.string() });

function openIdConnect(e: Env): Provider[] {
  if (!e.OIDC_ISSUER || !e.OIDC_CLIENT_ID) return [];
  return [
    {
      id: "oidc",
      name: e.OIDC_NAME ?? "single sign-on",
      type: "oauth",
      wellKnown: `${e.OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`,
      clientId: e.OIDC_CLIENT_ID,
      ...(e.OIDC_CLIENT_SECRET ? { clientSecret: e.OIDC_CLIENT_SECRET } : {}),
      authorization: { params: { scope: "openid email profile" } },
      idToken: true,
      checks: ["pkce", "state"],
      profile(profile: unknown) {
        const { sub, name, email } = claims.parse(profile);
        return { id: sub, name: name ?? email, email };
      },
    },
  ];
}
