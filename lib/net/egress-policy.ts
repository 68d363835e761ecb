import { isIP } from "node:net";
import { addressTest, cidrTest, isBlockedAddress, isMachineAddress, unwrapAddress } from "./addresses";
import { NameError, systemNames } from "./names";

const maxShownChars = 253;

/** A host as a worker wrote it, fit to be shown: printable ASCII of bounded length. */
export const shownHost = (host: string): string => host.slice(0, maxShownChars).replace(/[^\x21-\x7e]/g, "?");

/** A destination the policy refuses, or a name that does not resolve. `code` is what a socket would say. */
export class EgressError extends Error {
  constructor(
    readonly code: "EACCES" | "ENOTFOUND" | "EAI_AGAIN" | "EMFILE" | "EINVAL",
    message: string,
  ) {
    super(message);
    this.name = "EgressError";
  }
}

/** The addresses of a name, asked for by a project; "" stands for the operator. */
export type Resolver = (host: string, project: string) => Promise<string[]>;

type List = { rules: Rule[]; why: string };
const httpsPort = 443;
const serviceLabels = /^(?:_[a-z0-9-]{1,62}\.){1,2}/;
const projectList = "this project may reach only the hosts on its list";

/** A name, or addresses: one that was written as such, or a CIDR's. */
type Rule = {
  name: string | null;
  address: string | null;
  contains: ((address: string) => boolean) | null;
  port: number | null;
};

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
  const isAddress = isIP(host) !== 0;
  return {
    name: contains || isAddress ? null : normaliseHost(host),
    address: isAddress ? host : null,
    contains: isAddress ? addressTest(host) : contains,
    port: port === null ? null : Number(port),
  };
}

/** Lower case, no trailing dot, no brackets. */
export const normaliseHost = (host: string): string =>
  host
    .trim()
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^\[|\]$/g, "");

const resolveAll: Resolver = (host, project) => systemNames().addresses(host, project);

export type PolicyOptions = {
  /** The operator's exceptions to the table of blocked addresses. */
  allow?: string[];
  /**
   * Destinations nobody may reach, whatever is allowed: our own web server, database, runner and the like. One that is
   * on this machine counts for all of the machine's addresses.
   */
  deny?: string[];
  /** A project's own list: when given, nothing else may be reached. It opens nothing that is blocked. */
  onlyHosts?: string[] | undefined;
  /** Whose names wait in line together. */
  project?: string;
  resolve?: Resolver;
};

/** Decides where connections may go. Resolves a name once and answers literal addresses: connect to those only. */
export class EgressPolicy {
  readonly #allow: Rule[];
  readonly #deny: Rule[];
  readonly #lists: List[];
  readonly #project: string;
  readonly #resolve: Resolver;

  constructor({ allow = [], deny = [], onlyHosts, project = "", resolve = resolveAll }: PolicyOptions = {}) {
    this.#allow = allow.map(parseRule);
    this.#deny = deny.map(parseRule);
    this.#lists = onlyHosts ? [{ rules: onlyHosts.map(parseRule), why: projectList }] : [];
    this.#project = project;
    this.#resolve = resolve;
  }

  /** The same rules for a project: its names wait in a line of their own. */
  of(project: string): EgressPolicy {
    return this.#copy(project, []);
  }

  #copy(project: string, lists: List[]): EgressPolicy {
    const copy = new EgressPolicy({ project, resolve: this.#resolve });
    copy.#allow.push(...this.#allow);
    copy.#deny.push(...this.#deny);
    copy.#lists.push(...this.#lists, ...lists);
    return copy;
  }

  /** The same operator rules, narrowed to a project's hosts. Throws when an entry is not a host. */
  narrowed(onlyHosts: string[] | undefined): EgressPolicy {
    return this.within(onlyHosts, projectList);
  }

  /**
   * The same rules, narrowed to one more list: a host must be on every list. `why` says, after a destination, why one
   * that this list lacks is refused. Throws when an entry is not a host.
   */
  within(hosts: string[] | undefined, why: string): EgressPolicy {
    if (!hosts) return this;
    return this.#copy(this.#project, [{ rules: hosts.map(parseRule), why }]);
  }

  /**
   * The allowed addresses of a destination; `name` is the one that an address was given as an answer for, which lists
   * may have instead of the address. Throws EgressError when there is none.
   */
  async resolve(rawHost: string, port: number, name = rawHost): Promise<string[]> {
    const host = checkedHost(rawHost, port);
    this.#assertListed(normaliseHost(name), host, port);
    return this.#allowed(host, port);
  }

  /** The allowed addresses of a name, whatever port they are for. Throws EgressError when there is none. */
  async lookUp(rawName: string): Promise<string[]> {
    const name = checkedHost(rawName, httpsPort);
    this.#assertListed(name, name, null);
    return this.#allowed(name, httpsPort);
  }

  /** Records of a name that are no addresses, bounded as those are. Throws an error with a `code`. */
  records(host: string, type: string): Promise<unknown[]> {
    this.assertMayAsk(host);
    return systemNames().records(normaliseHost(host), type, this.#project);
  }

  /**
   * Says no to a question about a name that a list lacks: whoever serves the name would read it. Labels of a service in
   * front of a name (`_mongodb._tcp.`) belong to the question. Throws EgressError.
   */
  assertMayAsk(rawName: string): void {
    const name = normaliseHost(rawName).replace(serviceLabels, "");
    this.#assertListed(name, name, null);
  }

  #assertListed(name: string, address: string, port: number | null): void {
    for (const { rules, why } of this.#lists)
      if (!rules.some((rule) => matches(rule, name, address, port))) throw refused(name, port, why);
  }

  async #allowed(host: string, port: number): Promise<string[]> {
    const addresses = (isIP(host) ? [host] : await this.#addresses(host)).map(unwrapAddress);
    const open = addresses.filter((address) => this.#isOpen(host, address, port));
    if (open.length === 0) throw refused(host, port, "the egress policy does not allow this destination");
    const isDenied = await this.#denial(host, port, open);
    const allowed = open.filter((address) => !isDenied(address));
    if (allowed.length === 0)
      throw refused(host, port, "no job may reach what Waybill itself runs on, or what EGRESS_DENY names");
    return allowed;
  }

  async #addresses(host: string): Promise<string[]> {
    try {
      return await this.#resolve(host, this.#project);
    } catch (error) {
      if (error instanceof NameError) throw new EgressError(error.code, error.message);
      throw new EgressError("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
    }
  }

  #isOpen(host: string, address: string, port: number): boolean {
    return !isBlockedAddress(address) || this.#allow.some((rule) => matches(rule, host, address, port));
  }

  /** Which of the addresses of `host` are denied at `port`, whatever name or notation leads to them. */
  async #denial(host: string, port: number, candidates: string[]): Promise<(address: string) => boolean> {
    const rules = this.#deny.filter((rule) => rule.port === null || rule.port === port);
    if (rules.some((rule) => rule.name === host)) return () => true;
    const places = (await Promise.all(rules.map((rule) => this.#placesOf(rule, port, candidates)))).flat();
    const isMachine = places.some(isMachineAddress);
    const tests = [...rules.flatMap((rule) => rule.contains ?? []), ...places.map(addressTest)];
    return (address) => (isMachine && isMachineAddress(address)) || tests.some((test) => test(address));
  }

  /** The addresses that a denial stands for now, as far as candidates may be among them; a CIDR's apart. */
  async #placesOf({ name, address }: Rule, port: number, candidates: string[]): Promise<string[]> {
    if (address !== null) return [address];
    if (name === null) return [];
    if (name === "localhost") return ["127.0.0.1"];
    const isOurs = (one: string) => !isShared(name, port) || isBlockedAddress(one) || isMachineAddress(one);
    if (!candidates.some(isOurs)) return [];
    return (await this.#resolve(name, "").catch(() => [])).filter(isOurs);
  }
}

/** Public front doors, where one address stands for many unrelated names: there only the name itself is denied. */
const isShared = (name: string, port: number): boolean =>
  port === 443 || port === 80 || name.endsWith(".neon.tech");

/** A host in its one spelling. Throws EgressError for what is no host or no port. */
function checkedHost(rawHost: string, port: number): string {
  const host = normaliseHost(rawHost);
  if (!isPort(String(port)))
    throw new EgressError("EINVAL", `connect EINVAL ${shownHost(host)}: ${port} is not a port`);
  if (!/^[a-z0-9._:%-]{1,253}$/.test(host))
    throw new EgressError("ENOTFOUND", `getaddrinfo ENOTFOUND ${shownHost(host)}`);
  return host;
}

function refused(host: string, port: number | null, why: string): EgressError {
  const place = port === null ? host : `${host}:${port}`;
  return new EgressError("EACCES", `connect EACCES ${shownHost(place)}: ${why}`);
}

/** Without a port, a rule for any port matches. */
function matches(rule: Rule, host: string, address: string, port: number | null): boolean {
  if (rule.port !== null && port !== null && rule.port !== port) return false;
  if (rule.contains) return isIP(address) !== 0 && rule.contains(address);
  return rule.name === host;
}
