import type { Database } from "@/db/client";
import { asWork } from "@/db/deadline";
import { coalesce } from "@/lib/coalesce";
import { limits } from "@/lib/limits";
import { channels } from "@/lib/live/topics";
import { log } from "@/lib/log";
import { LruMap } from "@/lib/lru-map";
import { type EndedRun, repliesStatement } from "./reply-statement";

/** What becomes of a caller who waits: the run has ended; it did not in time; too many wait already; the caller is gone. */
export type Heard = EndedRun | "late" | "full" | "gone";

/** Whose end a caller waits for, and how long. */
export type Awaited = { runId: string; projectId: string; ms: number; signal?: AbortSignal | undefined };

type Caller = Awaited & { endsAt: number; tell: (heard: Heard) => void };

/** Answers up to this size come along with the news that their run has ended; larger ones are loaded one by one. */
export const smallAnswerBytes = 16 * 1024;

const tickMs = 250;
/** Ticks between two looks at those of whom nothing was heard: a notice may be lost. */
const ticksPerLook = 4;
/** How many of them a look is about. */
const runsPerLook = 500;
/** How many that were heard of are asked about in one statement. */
const runsPerStatement = 100;
const maxRemembered = 20_000;

/**
 * Everybody in this process who waits for the end of a run, without a connection, a thread or a timer each: one connection
 * hears which runs have ended, one statement at a time asks about all of them, one timer counts for all.
 */
export class Callers {
  readonly #sql: Pick<Database, "query" | "listen">;
  readonly #max: number;
  readonly #maxPerProject: number;
  /** By run, those of whom it was longest not asked first. */
  readonly #waiting = new Map<string, Set<Caller>>();
  /** Those who have waited longest first. */
  readonly #perProject = new Map<string, Set<Caller>>();
  #count = 0;
  /** Runs that ended before somebody waited for them, or just now. */
  readonly #heard = new LruMap<string, true>(maxRemembered);
  readonly #due = new Set<string>();
  readonly #asks = coalesce(() => this.#ask());
  #listening: Promise<unknown> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  constructor(
    sql: Pick<Database, "query" | "listen">,
    { max = limits.waitingSenders, maxPerProject = limits.projectWaitingSenders } = {},
  ) {
    this.#sql = sql;
    this.#max = max;
    this.#maxPerProject = maxPerProject;
  }

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when the run has ended, and otherwise in time. */
  wait(awaited: Awaited): Promise<Heard> {
    if (awaited.signal?.aborted) return Promise.resolve("gone");
    const ofProject = this.#perProject.get(awaited.projectId)?.size ?? 0;
    if (ofProject >= this.#maxPerProject) return Promise.resolve("full");
    if (this.#count >= this.#max && !this.#makeRoom(ofProject)) return Promise.resolve("full");
    this.#hear();
    return new Promise((resolve) => {
      const { signal } = awaited;
      const gone = () => caller.tell("gone");
      const caller: Caller = {
        ...awaited,
        endsAt: performance.now() + awaited.ms,
        tell: (heard) => {
          if (!this.#leave(caller)) return;
          signal?.removeEventListener("abort", gone);
          resolve(heard);
        },
      };
      signal?.addEventListener("abort", gone, { once: true });
      this.#enter(caller);
      if (this.#heard.delete(caller.runId)) this.#askAbout([caller.runId]);
    });
  }

  /** For a project with few who wait, one of that with the most leaves: however many it has, nobody else is kept out. */
  #makeRoom(ofProject: number): boolean {
    let most = new Set<Caller>();
    for (const callers of this.#perProject.values()) if (callers.size > most.size) most = callers;
    const [first] = most;
    if (!first || most.size <= ofProject + 1) return false;
    first.tell("full");
    return true;
  }

  #enter(caller: Caller): void {
    const callers = this.#waiting.get(caller.runId) ?? new Set();
    this.#waiting.set(caller.runId, callers.add(caller));
    const ofProject = this.#perProject.get(caller.projectId) ?? new Set();
    this.#perProject.set(caller.projectId, ofProject.add(caller));
    this.#count += 1;
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  /** False when the caller had left before. */
  #leave(caller: Caller): boolean {
    const callers = this.#waiting.get(caller.runId);
    if (!callers?.delete(caller)) return false;
    if (callers.size === 0) this.#waiting.delete(caller.runId);
    const ofProject = this.#perProject.get(caller.projectId);
    ofProject?.delete(caller);
    if (ofProject?.size === 0) this.#perProject.delete(caller.projectId);
    this.#count -= 1;
    if (this.#count > 0) return true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return true;
  }

  /** From the first caller on. What was said before is found by the looks. */
  #hear(): void {
    this.#listening ??= this.#sql
      .listen(
        [channels.ended],
        (_, payload) => this.#note(payload.split(",")),
        () => this.#askAbout(this.#longestUnasked(runsPerLook)),
      )
      .catch((error) => {
        log.debug("nobody can say at once which runs have ended; looking makes up for it", { error });
        this.#listening = undefined;
      });
  }

  #note(runIds: string[]): void {
    const mine: string[] = [];
    for (const id of runIds) {
      if (this.#waiting.has(id)) mine.push(id);
      else this.#heard.set(id, true);
    }
    this.#askAbout(mine);
  }

  #tick(): void {
    const now = performance.now();
    for (const callers of [...this.#waiting.values()])
      for (const caller of [...callers]) if (caller.endsAt <= now) caller.tell("late");
    this.#ticks += 1;
    if (this.#ticks % ticksPerLook === 0) this.#askAbout(this.#longestUnasked(runsPerLook));
  }

  #longestUnasked(most: number): string[] {
    const ids: string[] = [];
    for (const id of this.#waiting.keys()) {
      if (ids.length >= most) break;
      ids.push(id);
    }
    return ids;
  }

  #askAbout(runIds: string[]): void {
    if (runIds.length === 0) return;
    for (const id of runIds) this.#due.add(id);
    this.#asks.ask();
  }

  /** All that are due, a statement after the other. What fails is asked again by the next look. */
  async #ask(): Promise<void> {
    while (this.#due.size > 0) {
      const ids = [...this.#due].slice(0, runsPerStatement);
      for (const id of ids) this.#due.delete(id);
      const there = ids.filter((id) => this.#toTheEnd(id));
      if (there.length === 0) continue;
      // Nobody's own work: whoever it began for may be gone by now.
      const ended = await asWork({ kind: "accept" }, () =>
        this.#sql.query<EndedRun>(repliesStatement, [there, smallAnswerBytes], "inbox-replies"),
      );
      for (const run of ended) for (const caller of [...(this.#waiting.get(run.id) ?? [])]) caller.tell(run);
    }
  }

  /** Those that are asked about go behind the others. False when nobody waits for the run any more. */
  #toTheEnd(runId: string): boolean {
    const callers = this.#waiting.get(runId);
    if (!callers) return false;
    this.#waiting.delete(runId);
    this.#waiting.set(runId, callers);
    return true;
  }
}
