import { spawnSync } from "node:child_process";

/** A network of a part's own, joined to ours by one cable. */
export type Namespace = {
  name: string;
  /** Our end of the cable, as the part sees it. */
  ourAddress: string;
  /** The part's own address. */
  address: string;
  /** Pulls the cable: whoever is at either end is told nothing. */
  unplug(): void;
  plugIn(): void;
  remove(): void;
};

const ip = (...args: string[]): boolean => spawnSync("ip", args, { stdio: "ignore" }).status === 0;

/** Namespaces of network for `count` parts; null where the machine does not allow them. */
export function makeNamespaces(count: number): Namespace[] | null {
  if (process.getuid?.() !== 0) return null;
  const made: Namespace[] = [];
  for (let n = 0; n < count; n++) {
    const one = makeOne(n);
    if (!one) {
      for (const other of made) other.remove();
      return null;
    }
    made.push(one);
  }
  return made;
}

function makeOne(n: number): Namespace | null {
  const name = `wbc-${process.pid}-${n}`;
  const cable = `wbc${process.pid % 100_000}a${n}`;
  const subnet = `10.${200 + (process.pid % 50)}.${Math.floor(process.pid / 50) % 250}`;
  const ourAddress = `${subnet}.${4 * n + 1}`;
  const address = `${subnet}.${4 * n + 2}`;
  const remove = () => {
    ip("link", "delete", cable);
    ip("netns", "delete", name);
  };
  const isMade =
    ip("netns", "add", name) &&
    ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name) &&
    ip("address", "add", `${ourAddress}/30`, "dev", cable) &&
    ip("link", "set", cable, "up") &&
    ip("-n", name, "address", "add", `${address}/30`, "dev", "eth0") &&
    ip("-n", name, "link", "set", "eth0", "up") &&
    ip("-n", name, "link", "set", "lo", "up");
  if (!isMade) {
    remove();
    return null;
  }
  return {
    name,
    ourAddress,
    address,
    unplug: () => void ip("link", "set", cable, "down"),
    plugIn: () => void ip("link", "set", cable, "up"),
    remove,
  };
}
