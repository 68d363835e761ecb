import Credentials from "next-auth/providers/credentials";
import type { EmailConfig } from "next-auth/providers/email";
import GitHub from "next-auth/providers/github";
import Google from "next-auth/providers/google";
import type { Provider } from "next-auth/providers/index";
import { z } from "zod";
import { database } from "@/db/client";
import { authenticateUser } from "@/lib/domain/user/authenticate";
import { linkMinutes } from "@/lib/domain/user/link-request";
import { type Env, env } from "@/lib/env";
import { log } from "@/lib/log";
import { mailMode } from "@/lib/mail/mode";
import { sendMail } from "@/lib/mail/send";
import { newAccountMail, signInMail } from "@/lib/mail/texts";
import { knownDevice } from "./device";
import { forgetLinks } from "./forget-links";
import { joining } from "./may-join";

/** Who wrong passwords are counted against. */
type Sender = { address: string; cookies: string | null };

export function authProviders(sender: Sender, e: Env = env()): Provider[] {
  return [
    password(sender),
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

const password = ({ address, cookies }: Sender): Provider =>
  Credentials({
    credentials: { email: { label: "E-mail" }, password: { label: "Password", type: "password" } },
    async authorize(input) {
      const { email = "", password = "" } = input ?? {};
      const device = knownDevice(cookies, email);
      return (await authenticateUser({ db: database().db, address, device }, { email, password })) ?? null;
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
    const delivered = deliverLink(identifier, url);
    // Nobody learns here whether an e-mail has an account: neither by what the page says nor by how long it takes.
    if (mailMode() !== "smtp") await delivered;
  },
};

/** Mails a link to whoever may sign in. Never throws. */
async function deliverLink(mailbox: string, link: string): Promise<void> {
  const { db } = database();
  try {
    const way = await joining(db, mailbox);
    if (way === "no") return;
    const mail = way === "new" ? newAccountMail : signInMail;
    const delivery = await sendMail(db, mail({ to: mailbox, link, minutes: linkMinutes }));
    // The next request must not wait for a mail that nobody got.
    if (delivery === "failed") await forgetLinks(db, mailbox);
  } catch (error) {
    log.error("a sign-in link was not mailed", { error });
  }
}

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
