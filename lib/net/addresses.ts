import { BlockList, isIP } from "node:net";
import os from "node:os";

/** Ranges that are not the public internet: private, local, shared, documentation, multicast, reserved. */
const blockedV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** Inside 2000::/3, which is all of IPv6 that may be reached. */
const blockedV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/**
 * A list of subnets of one family. Node matches every IPv4 address once a list holds ::ffff:0:0/96, hence lists that
 * are apart and mapped addresses that are unwrapped before any list is asked.
 */
function subnets(cidrs: string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", prefix] = cidr.split("/");
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

const v4 = subnets(blockedV4, "ipv4");
const v6 = subnets(blockedV6, "ipv6");

const withoutZone = (address: string): string => address.split("%")[0] ?? "";

/** The eight 16-bit words of an IPv6 address in any notation. */
function words(address: string): number[] {
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, head = "", a, b, c, d] = tail ?? [];
  const hex = (high: unknown, low: unknown) => ((Number(high) << 8) | Number(low)).toString(16);
  const plain = tail ? `${head}${hex(a, b)}:${hex(c, d)}` : address;
  const [before = "", after] = plain.split("::");
  const left = before ? before.split(":") : [];
  const right = after ? after.split(":") : [];
  const zeros = after === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((word) => Number.parseInt(word, 16));
}

/** `::ffff:a.b.c.d` as `a.b.c.d`; any other address without its zone. */
export function unwrapAddress(address: string): string {
  const plain = withoutZone(address);
  if (isIP(plain) !== 6) return plain;
  const all = words(plain);
  const isMapped = all.slice(0, 5).every((word) => word === 0) && all[5] === 0xffff;
  if (!isMapped) return plain;
  const [high = 0, low = 0] = all.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Whether an address is off limits unless the operator names it. Anything that is no address is. */
export function isBlockedAddress(address: string): boolean {
  const plain = unwrapAddress(address);
  const family = isIP(plain);
  if (family === 4) return v4.check(plain, "ipv4");
  if (family !== 6) return true;
  const [first = 0] = words(plain);
  return (first & 0xe000) !== 0x2000 || v6.check(plain, "ipv6");
}

const loopbackV4 = subnets(["127.0.0.0/8", "0.0.0.0/8"], "ipv4");
const loopbackV6 = subnets(["::1/128", "::/128"], "ipv6");

/** Whether a connection to the address ends on this machine: loopback, "any", or one of its own interfaces. */
export function isMachineAddress(address: string): boolean {
  const plain = unwrapAddress(address);
  const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
  if ((family === "ipv4" ? loopbackV4 : loopbackV6).check(plain, family)) return true;
  const own = new BlockList();
  for (const one of Object.values(os.networkInterfaces()).flatMap((all) => all ?? []))
    if (one.family.toLowerCase() === family) own.addAddress(withoutZone(one.address), family);
  return own.check(plain, family);
}

/** A test for being this very address in any notation. */
export function addressTest(address: string): (other: string) => boolean {
  const plain = unwrapAddress(address);
  return cidrTest(`${plain}/${isIP(plain) === 4 ? 32 : 128}`) ?? (() => false);
}

/**
 * What counts as one sender when attempts are counted. IPv4: /24, the smallest network that is routed by itself, so that
 * whoever can choose among addresses mostly does so within it. IPv6: /56, what a household is given (RIPE 690): of a /64
 * it has 256. A text that is no address is itself.
 */
export function addressBlock(address: string): string {
  const plain = unwrapAddress(address);
  if (isIP(plain) === 4) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (isIP(plain) !== 6) return plain;
  const [a = 0, b = 0, c = 0, d = 0] = words(plain);
  return `${[a, b, c, d & 0xff00].map((word) => word.toString(16)).join(":")}::/56`;
}

/** A test for membership in `address/prefix`, or null when the text is not a CIDR. */
export function cidrTest(cidr: string): ((address: string) => boolean) | null {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(cidr);
  const family = isIP(match?.[1] ?? "");
  const prefix = Number(match?.[2]);
  if (!match?.[1] || !family || prefix > (family === 4 ? 32 : 128)) return null;
  const list = subnets([cidr], family === 4 ? "ipv4" : "ipv6");
  return (address) => {
    const plain = unwrapAddress(address);
    return isIP(plain) === family && list.check(plain, family === 4 ? "ipv4" : "ipv6");
  };
}
