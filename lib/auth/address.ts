import { isLoopback } from "@/lib/mail/mode";

/**
 * Who to count attempts against. Our own server names its peer; behind a proxy on this machine it is the address that
 * the proxy appended. Everything before that in `x-forwarded-for` is the sender's own claim.
 */
export function clientAddress(headers: Headers): string {
  const peer = (headers.get("x-waybill-peer") ?? "").replace(/^::ffff:/, "");
  const forwarded = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  if (peer && !isLoopback(peer)) return peer;
  return forwarded || peer || "unknown";
}
