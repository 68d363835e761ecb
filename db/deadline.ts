import { AsyncLocalStorage } from "node:async_hooks";
import { setMaxListeners } from "node:events";

/**
 * How long one statement may take, by the kind of work that it belongs to, waiting for a connection included.
 * Milliseconds; the README has the table.
 */
export const statementMs = {
  /** A message on its way in: its sender waits, and comes again after a 503. */
  accept: 4_000,
  /** What a page or an API client reads. */
  read: 15_000,
  /** What somebody changes. */
  act: 15_000,
  /** What an engine does over and over: its sign of life, looking for work, the outbox. The next one makes up for it. */
  pulse: 15_000,
  /** What nobody waits for: the engine's other work, notices, commands. */
  background: 120_000,
  /** Imports. */
  bulk: 60_000,
} as const;

/** How long connecting may take, and waiting for a connection of the pool. Milliseconds. */
export const connectMs: Record<WorkKind, number> = {
  accept: 3_000,
  read: 5_000,
  act: 5_000,
  pulse: 5_000,
  background: 15_000,
  bulk: 10_000,
};

/** How long a connection is left silent before the system asks the other end for a sign of life. Milliseconds. */
export const keepAliveMs = 10_000;

/**
 * The connection that hears notices is silent by nature, and so would never notice that it is cut off: how often it is
 * asked something, and how long the answer, or connecting, may take. Milliseconds.
 */
export const listenMs = { every: 5_000, answer: 5_000, retry: 1_000 } as const;

/** How long closing a pool may take: a connection that is cut off says no farewell. Milliseconds. */
export const closeMs = 2_000;
export type WorkKind = keyof typeof statementMs;

export type Work = {
  kind: WorkKind;
  /** Aborted when nobody waits for the work any more: its running statement is cancelled, further ones are refused. */
  signal?: AbortSignal | undefined;
  /** By `performance.now()`: no statement of it goes on after this, whatever its kind grants. */
  endsAt?: number;
};

/** On `globalThis`, because the server's bundle and Next's are two module worlds in one process. */
const shared = globalThis as { waybillWork?: AsyncLocalStorage<Work> };
shared.waybillWork ??= new AsyncLocalStorage<Work>();
const store = shared.waybillWork;

/** Does `act` as work of a kind: every statement in it, through whatever pool, has that kind's deadline and signal. */
export function asWork<T>(work: Work, act: () => T): T {
  // One listener a statement under way, of which there may be many.
  if (work.signal) setMaxListeners(0, work.signal);
  return store.run(work, () => begun(act()));
}

/** A query of Drizzle's begins when somebody waits for it, which would be outside. */
const begun = <T>(result: T): T =>
  typeof (result as { then?: unknown } | null)?.then === "function" ? (Promise.resolve(result) as T) : result;

/** The work that is being done here; undefined where nobody said. */
export const currentWork = (): Work | undefined => store.getStore();

/** Does `act` as work of the same kind that is done also when whoever began it has gone. Nobody's is the pool's. */
export function outliving<T>(act: () => T): T {
  const work = currentWork();
  return work ? asWork({ kind: work.kind }, act) : act();
}

/** For work without statements of its own at the moment. Throws HungUpError when nobody waits for it any more. */
export function stopIfHungUp(): void {
  if (currentWork()?.signal?.aborted) throw new HungUpError();
}

/** A statement was not done by its deadline. Whether it will have been is not known, as after a lost connection. */
export class DeadlineError extends Error {
  /** The code by which `isOutage` knows it. */
  readonly code = "ETIMEDOUT";
  constructor(readonly afterMs: number) {
    super(`The database did not answer within ${Math.round(afterMs / 100) / 10} s.`);
    this.name = "DeadlineError";
  }
}

/** By name, because the server's bundle and Next's have a class each. */
export const isDeadline = (error: unknown): error is DeadlineError =>
  error instanceof Error && error.name === "DeadlineError";
export const isHungUp = (error: unknown): boolean => error instanceof Error && error.name === "HungUpError";

/** Whoever asked has gone. */
export class HungUpError extends Error {
  constructor() {
    super("The client hung up.");
    this.name = "HungUpError";
  }
}
