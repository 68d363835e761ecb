import type { Database } from "@/db/client";
import type { Announce } from "@/lib/queue/announce";
import { announceRuns, handBackRuns } from "@/lib/queue/queue";
import {
  firstId,
  nextOfProject,
  nextTurn,
  runsAPage,
  runsAProject,
  stillWaiting,
  type WaitingRun,
} from "./waiting";

/** Of runs that wait and whose event has left the outbox, the ids of those that whoever drives functions has not queued. */
export type FindForgotten = (runs: WaitingRun[]) => Promise<string[]>;

export type WatchOptions = {
  database: Database;
  find: FindForgotten;
  announce: Announce;
  /** What waits for less is not asked about. */
  ageMs?: number;
  /** What is not known is asked about again before it is handed back: it may have been on its way. */
  doubtMs?: number;
  now?: () => number;
};

const pagesAProject = 10;
const suspectsAtMost = 20_000;

/**
 * Notices runs that wait although nothing is queued for them, and hands them back: within a minute of when it would have
 * been their turn. Those that are queued stay as they are, however long they wait.
 */
export class ForgottenRuns {
  readonly #options: WatchOptions;
  readonly #now: () => number;
  /** By event: since when nobody knew it. */
  #suspects = new Map<string, number>();
  #after: string | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Looks at the oldest waiting runs of the next projects. Returns how many were handed back. Throws when nobody can be asked. */
  async look(): Promise<number> {
    const { database, find, ageMs = 10_000 } = this.#options;
    const { runs, after } = await nextTurn(database, this.#after ?? firstId, ageMs);
    this.#after = after;
    if (runs.length === 0) {
      if (after === null) this.#suspects.clear();
      return 0;
    }
    const unknown = new Set(await find(runs));
    const lost = this.#doubt(runs, unknown);
    for (const projectId of new Set(runs.map((run) => run.projectId))) {
      const own = runs.filter((run) => run.projectId === projectId);
      if (own.length === runsAProject && own.some((run) => unknown.has(run.id)))
        lost.push(...(await this.#deeper(projectId, own.at(-1)?.id ?? firstId)));
    }
    return this.#handBack(lost, ageMs);
  }

  /** Where some of the oldest are forgotten, so may be those behind them. */
  async #deeper(projectId: string, behind: string): Promise<string[]> {
    const { database, find, ageMs = 10_000 } = this.#options;
    const lost: string[] = [];
    let after = behind;
    for (let page = 0; page < pagesAProject; page++) {
      const runs = await nextOfProject(database, projectId, after, ageMs);
      if (runs.length === 0) break;
      const unknown = new Set(await find(runs));
      lost.push(...this.#doubt(runs, unknown));
      if (unknown.size === 0 || runs.length < runsAPage) break;
      after = runs.at(-1)?.id ?? after;
    }
    return lost;
  }

  /** Those that nobody has known for long enough. The others are remembered, or no longer suspected. */
  #doubt(runs: WaitingRun[], unknown: ReadonlySet<string>): string[] {
    const { doubtMs = 20_000 } = this.#options;
    const lost: string[] = [];
    for (const { id, askedAgain } of runs) {
      const event = `${id}/${askedAgain}`;
      const since = this.#suspects.get(event);
      if (!unknown.has(id)) this.#suspects.delete(event);
      else if (since === undefined) this.#suspects.set(event, this.#now());
      else if (this.#now() - since >= doubtMs) {
        this.#suspects.delete(event);
        lost.push(id);
      }
    }
    if (this.#suspects.size > suspectsAtMost) this.#suspects.clear();
    return lost;
  }

  /** Another process may have looked at the same time: what it has handed back does not wait for long enough any more. */
  async #handBack(lost: string[], ageMs: number): Promise<number> {
    const { database, announce } = this.#options;
    if (lost.length === 0) return 0;
    const handed = await database.transaction(async (sql) =>
      handBackRuns(sql, await stillWaiting(sql, lost, ageMs)),
    );
    announceRuns(announce, handed);
    return handed.length;
  }
}
