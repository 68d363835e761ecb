import { type Env, env } from "@/lib/env";
import { mailMode } from "@/lib/mail/mode";

export type SignInMethods = {
  /** False where no mail can be delivered. */
  link: boolean;
  signUp: boolean;
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
  return { link: mode !== "none", signUp: e.ALLOW_SIGNUP, hasMailPage: mode === "local", providers };
}
