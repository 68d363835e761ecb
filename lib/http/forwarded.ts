import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { addressTest, cidrTest, unwrapAddress } from "@/lib/net/addresses";

/** Whether an address is that of a proxy whose word about the sender counts. */
export type Trust = (address: string) => boolean;

const loopback = ["127.0.0.0/8", "::1/128"];
/** More than any chain of proxies is long. */
const maxHops = 32;

/**
 * Reads TRUSTED_PROXIES: addresses, CIDR, `loopback`, or `none`. Throws for what lib/settings would have refused.
 */
export function trustIn(entries: readonly string[]): Trust {
  const tests = entries
    .filter((entry) => entry !== "none")
    .flatMap((entry) => (entry === "loopback" ? loopback : [entry]))
    .map((entry) => {
      const test = isIP(entry) ? addressTest(entry) : cidrTest(entry);
      if (!test) throw new Error(`"${entry}" is no address or CIDR of a proxy.`);
      return test;
    });
  return (address) => tests.some((test) => test(address));
}

/**
 * The address that a request comes from: its peer, or behind trusted proxies what the first of them saw. Each proxy
 * appends its own peer to X-Forwarded-For, so the list is read from the right for as long as trusted ones speak; all
 * before that is the sender's own claim. `Forwarded` (RFC 7239) is not read: a proxy that writes one of the two hands
 * the other on as the sender wrote it.
 */
export function senderOf(peer: string, forwardedFor: string, trust: Trust): string {
  if (!peer) return "unknown";
  let address = unwrapAddress(peer);
  const claims = forwardedFor.split(",").slice(-maxHops);
  while (trust(address)) {
    const next = addressIn(claims.pop() ?? "");
    if (!next) return address;
    address = next;
  }
  return address;
}

/** `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1` or `[2001:db8::1]:5678`; undefined for anything else. */
function addressIn(text: string): string | undefined {
  const plain = text.trim().replace(/^"(.*)"$/, "$1");
  const bare =
    /^\[([^\]]+)\](?::\d{1,5})?$/.exec(plain)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(plain)?.[1] ?? plain;
  return isIP(bare) ? unwrapAddress(bare) : undefined;
}

/** What proxies add to the requests that they pass on. */
const marks = ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"];

const isClaim = (name: string): boolean => name.startsWith("x-forwarded");

/** Whether somebody says to have passed the request on. */
export const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => isClaim(name) || marks.includes(name));

/**
 * Completes what the process at the door said of a request (pass-on.ts: its peer, and whether it was passed on) with
 * what server components and routes cannot know either: its path and who sent it. Of what proxies say only the protocol
 * stays, from a trusted one: our own name is PUBLIC_URL or the host that was asked for, and no sender's header.
 */
export function describeRequest({ headers, url }: IncomingMessage, trust: Trust): void {
  const peer = textOf(headers["x-waybill-peer"]);
  const isBelieved = trust(unwrapAddress(peer));
  const sender = senderOf(peer, textOf(headers["x-forwarded-for"]), trust);
  const protocol = textOf(headers["x-forwarded-proto"]).split(",").at(-1)?.trim();
  headers["x-waybill-path"] = url;
  headers["x-waybill-sender"] = sender;
  for (const name of Object.keys(headers)) if (isClaim(name)) delete headers[name];
  if (isBelieved && (protocol === "http" || protocol === "https")) headers["x-forwarded-proto"] = protocol;
  // Next would take the socket's own, and a unix socket has none.
  headers["x-forwarded-for"] = sender;
}

/** A header's value, its lines together. */
const textOf = (value: string | string[] | undefined): string => [value ?? []].flat().join(",");
