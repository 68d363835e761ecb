import { Resolver } from "node:dns/promises";
import os from "node:os";
import { errorCode } from "@/lib/error-code";
import { LruMap } from "@/lib/lru-map";
import { FairQueue, type FairQueueOptions, LineFullError } from "./fair-queue";
import { HostsFile } from "./hosts-file";

/** A name that has no address, or none that came in time. `code` is what Node would say. */
export class NameError extends Error {
  constructor(
    readonly code: "ENOTFOUND" | "EAI_AGAIN" | "EMFILE",
    host: string,
    why = "",
  ) {
    super(`getaddrinfo ${code} ${host}${why ? `: ${why}` : ""}`);
    this.name = "NameError";
  }
}

export type NamesOptions = Partial<FairQueueOptions> & {
  /** Instead of those of /etc/resolv.conf. */
  servers?: string[];
  hosts?: HostsFile;
  /** From the question to the answer, waiting in line included. */
  deadlineMs?: number;
  /** How long an answer is kept at most; what its record allows may be less. */
  keepMs?: number;
  /** How long a failure is kept. */
  keepFailureMs?: number;
};

type Answer = { addresses: string[]; keepMs: number };
type Kept = { answer: Promise<Answer>; until: number };

const maxKept = 5_000;
const tryMs = 2_000;
const tries = 2;

/**
 * Names to addresses for many tenants. Each question has sockets of its own and none of Node's few threads, each tenant
 * a line of its own, each answer a deadline: names that are dead hold up nobody but who asks for them. /etc/hosts is
 * obeyed; search domains, mDNS and other modules of the system's resolver are not.
 */
export class Names {
  readonly #queue: FairQueue;
  readonly #kept = new LruMap<string, Kept>(maxKept);
  readonly #hosts: HostsFile;
  readonly #servers: string[] | undefined;
  readonly #maxWaiting: number;
  readonly #deadlineMs: number;
  readonly #keepMs: number;
  readonly #keepFailureMs: number;

  constructor(options: NamesOptions = {}) {
    const { total = 512, perTenant = 8, maxWaiting = 256, deadlineMs = 8_000 } = options;
    this.#queue = new FairQueue({ total, perTenant, maxWaiting });
    this.#hosts = options.hosts ?? new HostsFile();
    this.#servers = options.servers;
    this.#maxWaiting = maxWaiting;
    this.#deadlineMs = deadlineMs;
    this.#keepMs = options.keepMs ?? 10_000;
    this.#keepFailureMs = options.keepFailureMs ?? 2_000;
  }

  /** The addresses of a host in lower case, never none. Throws NameError. */
  async addresses(host: string, tenant: string): Promise<string[]> {
    const known = this.#hosts.addressesOf(host);
    if (known) return known;
    // A tenant's own, so that nobody learns from the time it takes what others ask for.
    const key = `${tenant}\n${host}`;
    const kept = this.#kept.get(key);
    if (kept && performance.now() < kept.until) return (await kept.answer).addresses;
    const asked: Kept = { answer: this.#find(host, tenant), until: Number.POSITIVE_INFINITY };
    this.#kept.set(key, asked);
    const keep = (ms: number) => {
      asked.until = performance.now() + ms;
    };
    asked.answer.then(
      ({ keepMs }) => keep(keepMs),
      () => keep(this.#keepFailureMs),
    );
    return (await asked.answer).addresses;
  }

  /** Records of another type, as Node's resolver gives them. Throws its error, or NameError. */
  async records(host: string, type: string, tenant: string): Promise<unknown[]> {
    const answer: unknown = await this.#ask(host, tenant, (resolver) => resolver.resolve(host, type));
    return Array.isArray(answer) ? answer : [];
  }

  async #find(host: string, tenant: string): Promise<Answer> {
    const [v4, v6] = await this.#ask(host, tenant, (resolver) =>
      Promise.allSettled([resolver.resolve4(host, { ttl: true }), resolver.resolve6(host, { ttl: true })]),
    );
    const ordered = hasIpv4() ? [v4, v6] : [v6, v4];
    const found = ordered.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    if (found.length === 0) throw failureOf(host, [v4, v6]);
    const keepMs = Math.min(this.#keepMs, ...found.map(({ ttl }) => ttl * 1000));
    return { addresses: found.map(({ address }) => address), keepMs };
  }

  /** One question in its turn, on sockets of its own: they close with its end, which the deadline brings about. */
  async #ask<T>(host: string, tenant: string, question: (resolver: Resolver) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(this.#deadlineMs);
    try {
      return await this.#queue.run(tenant, signal, async () => {
        const resolver = new Resolver({ timeout: tryMs, tries });
        if (this.#servers) resolver.setServers(this.#servers);
        const cancel = () => resolver.cancel();
        signal.addEventListener("abort", cancel, { once: true });
        try {
          return await question(resolver);
        } finally {
          signal.removeEventListener("abort", cancel);
        }
      });
    } catch (error) {
      if (error instanceof LineFullError)
        throw new NameError("EMFILE", host, `this project waits for ${this.#maxWaiting} names already`);
      if (signal.aborted) throw new NameError("EAI_AGAIN", host);
      throw error;
    }
  }
}

/** Who connects to the first address only should get one that this machine can reach. */
const hasIpv4 = (): boolean =>
  Object.values(os.networkInterfaces()).some((all) =>
    all?.some(({ family, internal }) => family === "IPv4" && !internal),
  );

/** No such name, when somebody who knows says so for both families; else nobody answered. */
function failureOf(host: string, results: PromiseSettledResult<unknown>[]): NameError {
  const codes = results.map((one) => (one.status === "rejected" ? errorCode(one.reason) : ""));
  const isUnknown = codes.includes("ENOTFOUND") || codes.every((code) => code === "ENODATA");
  const isMalformed = codes.includes("EBADNAME");
  return new NameError(isUnknown || isMalformed ? "ENOTFOUND" : "EAI_AGAIN", host);
}

let shared: Names | undefined;

/** The process's own, over the system's name servers. */
export const systemNames = (): Names => {
  shared ??= new Names();
  return shared;
};
