import { type Env, env } from "@/lib/env";
import { mailMode } from "@/lib/mail/mode";

export type SignInMethods = {
  /** False where no mail can be delivered. */
  link: boolean;
  signUp: boolean;
  /**
   * How people without an invitation make an account. `link`: by a link that is mailed, so that the answer is the same
   * whether or not there is one. `password`: at once, where nobody but this machine can ask. `none`: not at all, because
   * whatever they were answered without a mail would tell.
   */
  registration: "link" | "password" | "none";
  /** The link went to the local mail page, whose address the terminal tells. */
  hasMailPage: boolean;
  providers: { id: string; name: string }[];
};

/** What the sign-in pages offer, from the environment. */
export function signInMethods(e: Env = env()): SignInMethods {
  const mode = mailMode(e);
  const providers = [
    ...(e.GITHUB_ID && e.GITHUB_SECRET ? [{ id: "github", name: "GitHub" }] : []),
    ...(e.GOOGLE_ID && e.GOOGLE_SECRET ? [{ id: "google", name: "Google" }] : []),
    ...(e.OIDC_ISSUER && e.OIDC_CLIENT_ID ? [{ id: "oidc", name: e.OIDC_NAME ?? "single sign-on" }] : []),
  ];
  const registration = ({ smtp: "link", local: "password", none: "none" } as const)[mode];
  const signUp = e.ALLOW_SIGNUP && registration !== "none";
  return { link: mode !== "none", signUp, registration, hasMailPage: mode === "local", providers };
}
