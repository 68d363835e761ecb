import { createHash, timingSafeEqual } from "node:crypto";
import { type Env, env } from "@/lib/env";
import { isLoopback, mailMode } from "./mode";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Whether the local mail page is shown at `/mail/<key>`. Mails hold sign-in links: only who was told the key in the
 * terminal may ask, from this machine, with nobody in between. Other programs on this machine, jobs among them, know no
 * key; a proxy says that it forwards, whatever host it names.
 */
export function isMailPageFor(key: string, asked: Headers, e: Env = env()): boolean {
  const host = (asked.get("host") ?? "").replace(/:\d+$/, "");
  const peer = (asked.get("x-waybill-peer") ?? "").replace(/^::ffff:/, "");
  const isDirect = asked.get("x-waybill-forwarded") === "no";
  if (mailMode(e) !== "local" || !isDirect || !isLoopback(host) || !isLoopback(peer)) return false;
  return e.MAIL_PAGE !== undefined && timingSafeEqual(digest(key), digest(e.MAIL_PAGE));
}
