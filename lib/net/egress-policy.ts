import dns from "node:dns/promises";
import { isIP } from "node:net";
import { cidrTest, isBlockedAddress, unwrapAddress } from "./addresses";

const maxShownChars = 253;

/** A host as a worker wrote it, fit to be shown: printable ASCII of bounded length. */
export const shownHost = (host: string): string => host.slice(0, maxShownChars).replace(/[^\x21-\x7e]/g, "?");

/** A destination the policy refuses, or a name that does not resolve. `code` is what a socket would say. */
export class EgressError extends Error {
  constructor(
    readonly code: "EACCES" | "ENOTFOUND" | "EMFILE" | "EINVAL",
    message: string,
  ) {
    super(message);
    this.name = "EgressError";
  }
}

export type Resolver = (host: string) => Promise<string[]>;

type Rule = { host: string | null; port: number | null; contains: ((address: string) => boolean) | null };

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536;

/** `host`, `host:port`, `cidr` or `cidr:port`; IPv6 with a port in brackets. Throws a sentence for the operator. */
export function parseRule(text: string): Rule {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(trimmed);
  const plain = /^([^:]+)(?::(\d+))?$/.exec(trimmed);
  const host = bracketed?.[1] ?? plain?.[1] ?? trimmed;
  const port = bracketed?.[2] ?? plain?.[2] ?? null;
  const contains = cidrTest(host);
  const isUsable = contains !== null || isIP(host) !== 0 || /^[a-z0-9._-]{1,253}$/i.test(host);
  if (!isUsable || (port !== null && !isPort(port))) {
    throw new Error(`"${trimmed}" is not a host, host:port or CIDR.`);
  }
  return { host: contains ? null : normaliseHost(host), port: port === null ? null : Number(port), contains };
}

/** Lower case, no trailing dot, no brackets. */
export const normaliseHost = (host: string): string =>
  host
    .trim()
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^\[|\]$/g, "");

const resolveAll: Resolver = async (host) =>
  (await dns.lookup(host, { all: true })).map(({ address }) => address);

export type PolicyOptions = {
  /** The operator's exceptions to the table of blocked addresses. */
  allow?: string[];
  /** Destinations nobody may reach, not even by a CIDR exception: our own database, engine and the like. */
  deny?: string[];
  /** A project's own list: when given, nothing else may be reached. It opens nothing that is blocked. */
  onlyHosts?: string[] | undefined;
  resolve?: Resolver;
};

/** Decides where connections may go. Resolves a name once and answers literal addresses: connect to those only. */
export class EgressPolicy {
  readonly #allow: Rule[];
  readonly #deny: Rule[];
  readonly #only: Rule[] | null;
  readonly #resolve: Resolver;

  constructor({ allow = [], deny = [], onlyHosts, resolve = resolveAll }: PolicyOptions = {}) {
    this.#allow = allow.map(parseRule);
    this.#deny = deny.map(parseRule);
    this.#only = onlyHosts ? onlyHosts.map(parseRule) : null;
    this.#resolve = resolve;
  }

  /** The same operator rules, narrowed to a project's hosts. Throws when an entry is not a host. */
  narrowed(onlyHosts: string[] | undefined): EgressPolicy {
    if (!onlyHosts) return this;
    const copy = new EgressPolicy({ onlyHosts, resolve: this.#resolve });
    copy.#allow.push(...this.#allow);
    copy.#deny.push(...this.#deny);
    return copy;
  }

  /** The allowed addresses of a destination. Throws EgressError when there is none. */
  async resolve(rawHost: string, port: number): Promise<string[]> {
    const host = normaliseHost(rawHost);
    if (!isPort(String(port)))
      throw new EgressError("EINVAL", `connect EINVAL ${shownHost(host)}: ${port} is not a port`);
    if (!/^[a-z0-9._:%-]{1,253}$/.test(host))
      throw new EgressError("ENOTFOUND", `getaddrinfo ENOTFOUND ${shownHost(host)}`);
    this.#assertProjectAllows(host, port);
    const addresses = isIP(host) ? [host] : await this.#addresses(host);
    const allowed = addresses.map(unwrapAddress).filter((address) => this.#isAllowed(host, address, port));
    if (allowed.length === 0) throw refused(host, port, "the egress policy does not allow this destination");
    return allowed;
  }

  #assertProjectAllows(host: string, port: number): void {
    if (this.#only && !this.#only.some((rule) => matches(rule, host, host, port))) {
      throw refused(host, port, "this project may reach only the hosts on its list");
    }
  }

  async #addresses(host: string): Promise<string[]> {
    try {
      return await this.#resolve(host);
    } catch {
      throw new EgressError("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
    }
  }

  #isAllowed(host: string, address: string, port: number): boolean {
    const byName = this.#allow.some((rule) => rule.contains === null && matches(rule, host, address, port));
    if (byName) return true;
    if (this.#deny.some((rule) => matches(rule, host, address, port))) return false;
    return !isBlockedAddress(address) || this.#allow.some((rule) => matches(rule, host, address, port));
  }
}

const refused = (host: string, port: number, why: string): EgressError =>
  new EgressError("EACCES", `connect EACCES ${host}:${port}: ${why}`);

function matches(rule: Rule, host: string, address: string, port: number): boolean {
  if (rule.port !== null && rule.port !== port) return false;
  if (rule.contains) return isIP(address) !== 0 && rule.contains(address);
  return rule.host === host || rule.host === address;
}
