import type { IncomingMessage, ServerResponse } from "node:http";
import { isBuilt } from "./compress/policy";

/** What an answer is, by its path: its policy depends on it. */
type Kind = "page" | "inbox" | "built" | "data";

const kindOf = (path: string): Kind =>
  /^\/(i|edge)\//.test(path)
    ? "inbox"
    : isBuilt(path)
      ? "built"
      : /^\/(api|_next)(\/|$)|^\/[^/]+\.(svg|ico|png|txt)$/.test(path)
        ? "data"
        : "page";

/** Pages whose own address, or the one they lead back to, holds a token. */
const holdsToken = (path: string): boolean =>
  /^\/(invitations|mail|sign-in|sign-up|api\/auth)(\/|$)/.test(path);

export type Circumstances = {
  /** Of the request, without its query. */
  path: string;
  /** 16 random bytes, base64, new for each page. */
  nonce: string;
  /** Whether people reach us by TLS. */
  isHttps: boolean;
  /** Next's development server evaluates text and keeps a socket. */
  isDev?: boolean;
};

/** What a page may load and run: what we serve ourselves, and the elements that carry this answer's nonce. */
function pagePolicy({ nonce, isHttps, isDev }: Circumstances): string {
  const own = `'nonce-${nonce}'`;
  const styles = isDev ? "'unsafe-inline'" : own;
  return [
    "default-src 'self'",
    `script-src 'self' ${own} 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
    "script-src-attr 'none'",
    `style-src 'self' ${styles}`,
    // Attributes only: the first HTML of charts and of the canvas places its parts with them.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${isDev ? " ws: wss:" : ""}`,
    "object-src 'none'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(isHttps ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/** Whatever somebody sent us, shown as a document of ours, may do nothing at all. */
const dataPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** A script that is a worker has its own answer's policy: it may load what else the build has made, in the page's origin. */
const builtPolicy =
  "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const permissions = [
  "accelerometer",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "serial",
  "usb",
]
  .map((feature) => `${feature}=()`)
  .join(", ");

/** The headers that every answer has, whoever gives it. */
export function securityHeaders(circumstances: Circumstances): Record<string, string> {
  const { path, isHttps } = circumstances;
  const kind = kindOf(path);
  return {
    "content-security-policy":
      kind === "page" ? pagePolicy(circumstances) : kind === "built" ? builtPolicy : dataPolicy,
    "x-content-type-options": "nosniff",
    // Older browsers know no frame-ancestors.
    "x-frame-options": "DENY",
    "referrer-policy": holdsToken(path) ? "no-referrer" : "same-origin",
    "permissions-policy": permissions,
    "cross-origin-opener-policy": "same-origin",
    // A web page may hand a message over without reading the answer; refused, it would send it again.
    "cross-origin-resource-policy": kind === "inbox" ? "cross-origin" : "same-origin",
    // Subdomains are the operator's own affair.
    ...(isHttps ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

/**
 * Puts the headers on an answer before anybody writes it, and tells Next the nonce, which it reads from the request's
 * policy. What a sender claims there is replaced.
 */
export function secureAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  where: { isHttps: boolean; isDev: boolean },
): void {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  // A message's answer is no page.
  const isInbox = kindOf(path) === "inbox";
  const headers = securityHeaders({ path, nonce: isInbox ? "" : newNonce(), ...where });
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (!isInbox) request.headers["content-security-policy"] = headers["content-security-policy"];
}

const newNonce = (): string => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));

/** The nonce of the page that is being rendered, from the headers that `secureAnswer` left; undefined without it. */
export const nonceOf = (headers: Headers): string | undefined =>
  /'nonce-([\w+/=-]{16,64})'/.exec(headers.get("content-security-policy") ?? "")?.[1];
