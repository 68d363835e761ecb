import { spawnSync } from "node:child_process";

/** A network of a part's own, joined to ours by one cable. */
export type Namespace = {
  name: string;
  /** The part's own address. */
  address: string;
  /** Pulls the cable: whoever is at either end is told nothing. */
  unplug(): void;
  plugIn(): void;
  remove(): void;
};

/** Where every part reaches the others, whatever network it is in itself. */
export const hub = "10.199.0.1";

const ip = (...args: string[]): boolean => spawnSync("ip", args, { stdio: "ignore" }).status === 0;

/**
 * Networks for `count` parts, and the hub. This process must have a network of its own, which nobody else sees and which
 * goes with it. Null where the machine does not allow them.
 */
export function makeNamespaces(count: number): Namespace[] | null {
  const made: Namespace[] = [];
  const isReady = ip("link", "set", "lo", "up") && ip("address", "add", `${hub}/32`, "dev", "lo");
  for (let n = 1; isReady && n <= count; n++) {
    const one = makeOne(n);
    if (!one) break;
    made.push(one);
  }
  if (isReady && made.length === count) return made;
  for (const one of made) one.remove();
  return null;
}

function makeOne(n: number): Namespace | null {
  const name = `chaos-${process.pid}-${n}`;
  const cable = `part-${n}`;
  const [ours, address] = [`10.199.${n}.1`, `10.199.${n}.2`];
  const remove = () => {
    ip("link", "delete", cable);
    ip("netns", "delete", name);
  };
  const isMade =
    ip("netns", "add", name) &&
    ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name) &&
    ip("address", "add", `${ours}/30`, "dev", cable) &&
    ip("link", "set", cable, "up") &&
    ip("-n", name, "address", "add", `${address}/30`, "dev", "eth0") &&
    ip("-n", name, "link", "set", "eth0", "up") &&
    ip("-n", name, "link", "set", "lo", "up") &&
    ip("-n", name, "route", "add", "default", "via", ours);
  if (!isMade) {
    remove();
    return null;
  }
  return {
    name,
    address,
    unplug: () => void ip("link", "set", cable, "down"),
    plugIn: () => void ip("link", "set", cable, "up"),
    remove,
  };
}
