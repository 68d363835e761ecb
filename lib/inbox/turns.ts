import { setImmediate as nextTurn } from "node:timers/promises";
import { LruMap } from "@/lib/lru-map";
import { FairQueue, type FairQueueOptions } from "@/lib/net/fair-queue";

export type TurnOf = "large" | "whole" | "answer" | "keep";

/** How many URLs' projects are remembered. */
const maxKnown = 50_000;
/** Projects share what is not known yet: ids made up by the thousand get no turns of their own. */
const newcomers = "";

/**
 * What senders share in one process, given out in turns, a line for each project: large bodies, which cost memory from their
 * first megabyte until they are stored; and, once one is there as a whole, its reading, which the event loop does in one go, and
 * its storing; and the keeping of what was refused. Statements that store are `Company`'s.
 */
export class InboxTurns {
  readonly #lines: Record<TurnOf, FairQueue>;
  readonly #projects = new LruMap<string, string>(maxKnown);

  constructor(options: Partial<Record<TurnOf, FairQueueOptions>> = {}) {
    this.#lines = {
      large: new FairQueue(options.large ?? { total: 8, perTenant: 3, maxWaiting: 100 }),
      whole: new FairQueue(options.whole ?? { total: 2, perTenant: 1, maxWaiting: 100 }),
      answer: new FairQueue(options.answer ?? { total: 8, perTenant: 3, maxWaiting: 100 }),
      // What is dropped here was refused anyway.
      keep: new FairQueue(options.keep ?? { total: 2, perTenant: 1, maxWaiting: 20 }),
    };
  }

  /** Whose URL this is, as a statement has found. */
  learn(urlId: string, projectId: string): void {
    this.#projects.set(urlId, projectId);
  }

  /** Whose line the requests to a URL are in. */
  tenantOf(urlId: string): string {
    return this.#projects.get(urlId) ?? newcomers;
  }

  /** Does `work` in the project's turn. Resolves to "full" when too many wait, to "late" when it does not come within `ms`. */
  take<T>(of: TurnOf, urlId: string, ms: number, work: () => Promise<T>): Promise<T | "full" | "late"> {
    return this.#lines[of].runWithin(this.tenantOf(urlId), ms, async () => {
      // What others sent meanwhile is heard first.
      if (of !== "keep") await nextTurn();
      return work();
    });
  }
}
