import { type Env, env } from "@/lib/env";

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

export const isLoopback = (host: string): boolean => loopback.test(host);

/** `smtp`: mails leave. `local`: they are shown at /mail, on this machine only. `none`: nobody would ever read them. */
export type MailMode = "smtp" | "local" | "none";

/** Mails hold sign-in links, so that the local page exists only where nobody else can reach the server. */
export function mailMode(e: Env = env()): MailMode {
  if (e.SMTP_URL) return "smtp";
  const isPublic = e.PUBLIC_URL !== undefined && !isLoopback(new URL(e.PUBLIC_URL).hostname);
  return isLoopback(e.HOST) && !isPublic ? "local" : "none";
}
