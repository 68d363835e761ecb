export type FairQueueOptions = {
  /** At work at once, of everybody. */
  total: number;
  /** At work at once, of one tenant. */
  perTenant: number;
  /** Waiting of one tenant; what comes beyond is refused at once. */
  maxWaiting: number;
};

/** Refused for the tenant's own number of waiting works. */
export class LineFullError extends Error {
  constructor(max: number) {
    super(`${max} are waiting already`);
    this.name = "LineFullError";
  }
}

type Line = { active: number; waiting: Set<() => void> };

/** Work of many tenants under bounds: each waits in a line of its own, and places that become free go round. */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** In the order of their turns. A tenant without work has no line. */
  readonly #lines = new Map<string, Line>();
  #active = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /**
   * Does `work` when it is the tenant's turn, and answers what it does. Throws LineFullError when too many wait, and the
   * signal's reason when it is aborted before its turn; from then on `work` minds the signal itself.
   */
  async run<T>(tenant: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(tenant, signal);
    try {
      return await work();
    } finally {
      this.#leave(tenant);
    }
  }

  /**
   * The same for whoever waits `ms` at most: resolves to "full" when too many wait, and to "late" when the turn does not
   * come in time. Words, because module worlds that share a queue have an error class each.
   */
  async runWithin<T>(
    tenant: string,
    ms: number,
    work: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T | "full" | "late"> {
    const patience = AbortSignal.timeout(Math.max(1, Math.ceil(ms)));
    try {
      return await this.run(tenant, signal ? AbortSignal.any([signal, patience]) : patience, work);
    } catch (error) {
      if (error instanceof LineFullError) return "full";
      if (patience.aborted && error === patience.reason) return "late";
      throw error;
    }
  }

  /** Does `work` where there is a place for it at once; null when there is none. */
  runNow<T>(tenant: string, work: () => Promise<T>): Promise<T> | null {
    const { total, perTenant } = this.#options;
    const isFree = this.#active < total && (this.#lines.get(tenant)?.active ?? 0) < perTenant;
    return isFree ? this.run(tenant, new AbortController().signal, work) : null;
  }

  #turn(tenant: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const line = this.#lines.get(tenant) ?? { active: 0, waiting: new Set() };
    if (line.waiting.size >= this.#options.maxWaiting) throw new LineFullError(this.#options.maxWaiting);
    this.#lines.set(tenant, line);
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        line.waiting.delete(begin);
        this.#forget(tenant, line);
        reject(signal.reason);
      };
      const begin = () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      line.waiting.add(begin);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#admit();
    });
  }

  #leave(tenant: string): void {
    const line = this.#lines.get(tenant);
    this.#active -= 1;
    if (!line) return;
    line.active -= 1;
    this.#forget(tenant, line);
    this.#admit();
  }

  #forget(tenant: string, line: Line): void {
    if (line.active === 0 && line.waiting.size === 0) this.#lines.delete(tenant);
  }

  /** Gives free places away, one a tenant and turn. */
  #admit(): void {
    const { total, perTenant } = this.#options;
    for (const [tenant, line] of this.#lines) {
      if (this.#active >= total) return;
      const [begin] = line.active < perTenant ? line.waiting : [];
      if (!begin) continue;
      line.waiting.delete(begin);
      line.active += 1;
      this.#active += 1;
      // Behind the others, where this loop comes by again.
      this.#lines.delete(tenant);
      this.#lines.set(tenant, line);
      begin();
    }
  }
}
