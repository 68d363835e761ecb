import { log } from "@/lib/log";

type WaitingWorkOptions = {
  /** Whether more runs wait than an engine takes in hand at once. */
  look(): Promise<boolean>;
  /** Milliseconds of processor time that this process has spent. */
  spentMs?(): number;
  everyMs?: number;
};

/** Stored since the last look: so few say nothing of the machine. */
const fewStored = 32;
/** A look takes at most this share of the time, however long it takes. */
const share = 0.05;
const validMs = 2_000;

/**
 * Whether runs wait, as far as a process at the door knows: it looks while much is stored, apart from that, and believes what
 * it saw for a moment. Whoever sends little has nobody look, and waits for nothing.
 */
export class WaitingWork {
  readonly #options: WaitingWorkOptions;
  #stored = 0;
  #isLooking = false;
  #nextAt = 0;
  #seenTo = 0;

  constructor(options: WaitingWorkOptions) {
    this.#options = options;
  }

  get isThere(): boolean {
    return performance.now() < this.#seenTo;
  }

  spentMs(): number {
    return this.#options.spentMs?.() ?? cpuMs();
  }

  /** So many requests more. Begins a look where one is due. */
  stored(requests: number): void {
    this.#stored += requests;
    if (this.#isLooking || performance.now() < this.#nextAt) return;
    if (this.#stored < fewStored && !this.isThere) return;
    this.#isLooking = true;
    this.#stored = 0;
    void this.#look();
  }

  async #look(): Promise<void> {
    const beganAt = performance.now();
    try {
      this.#seenTo = (await this.#options.look()) ? performance.now() + validMs : 0;
    } catch (error) {
      log.debug("whether runs wait is not known", { error });
    }
    const now = performance.now();
    this.#nextAt = now + Math.max(this.#options.everyMs ?? 250, (now - beganAt) / share);
    this.#isLooking = false;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** More than an engine claims at once: what is fewer is about to begin. */
const enough = 32;

/** Asks for nothing of anybody's but whether there is so much of it. */
export const workWaitsStatement = `/* all tenants: no row of anybody's is told */
select count(*) = ${enough} as waits from (
  select 1 from outbox where event = 'run/requested' and held_by is null and not_before is null limit ${enough}) o`;
