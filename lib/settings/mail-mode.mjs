// @ts-check

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** @param {string} host */
export const isLoopback = (host) => loopback.test(host);

/**
 * `smtp`: mails leave. `local`: they are shown on the local mail page. `none`: nobody would ever read them. Mails hold
 * sign-in links, so that the page exists only where nobody else can reach the server.
 * @param {Pick<import("./read.mjs").Values, "SMTP_URL" | "PUBLIC_URL" | "HOST">} values
 * @returns {"smtp" | "local" | "none"}
 */
export function mailModeOf({ SMTP_URL, PUBLIC_URL, HOST }) {
  if (SMTP_URL) return "smtp";
  const isPublic = PUBLIC_URL !== undefined && !isLoopback(new URL(PUBLIC_URL).hostname);
  return isLoopback(HOST) && !isPublic ? "local" : "none";
}
