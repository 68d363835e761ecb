import { bareError } from "@/lib/bare-error";
import { errorCode } from "@/lib/error-code";
import { within } from "@/lib/in-time";
import { currentWork, DeadlineError, HungUpError, statementMs, type Work, type WorkKind } from "./deadline";

/** The parts of both drivers' clients and pools that are guarded. */
export type GuardedClient = {
  query(...asked: unknown[]): unknown;
  release(error?: Error | boolean): void;
  on(event: "error", hear: (error: Error) => void): unknown;
  processID?: number;
  connection?: { stream?: { destroy(): void } };
  /** Pools take no client back that has lost it. */
  _queryable?: boolean;
};
export type GuardedPool = {
  query(...asked: unknown[]): Promise<unknown>;
  connect(): Promise<GuardedClient>;
  on(event: "connect", hear: (client: GuardedClient) => void): unknown;
};

type Surroundings = {
  /** Asks the server to end what the backend with this process id does. Resolves to whether it was asked. */
  cancel(processId: number): Promise<boolean>;
  /** The server has answered something. */
  onAnswer(): void;
};

/** What is the same few statements again and again. */
const repeating: ReadonlySet<WorkKind> = new Set(["accept", "background", "pulse"]);

/** The server's own limit comes a little after ours, which can say more. */
const serverMarginMs = 1_000;
/** How long a cancelled statement may take to say so before its connection is thrown away. */
const farewellMs = 500;
/** How often the server looks whether the client of a running statement is still there. */
const connectionCheckMs = 2_000;
/** A transaction that does nothing holds its locks no longer. */
const idleTransactionMs = 120_000;

const queryCanceled = "57014";

/**
 * How statements are planned that come again and again: accepting and executing. Each has an index that serves it, and a
 * plan that is kept must not come to read whole tables because they were empty when it was made. What has none costs more
 * than JIT's threshold then, so that is off.
 */
export const planSettings = "set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)";

/**
 * Gives every statement of a pool the deadline of its work (`asWork`), and ends it when its client hangs up: also of
 * transactions, and of libraries that are given the pool. What does not end in time, because the server or the way to
 * it stands still, is given up and its connection thrown away. `kind` is for work that nobody named.
 */
export function guardPool(pool: GuardedPool, kind: WorkKind, around: Surroundings): void {
  const workHere = (): Work => currentWork() ?? { kind };
  pool.on("connect", (client) => guardClient(client, workHere, around));
  const connect = pool.connect.bind(pool);
  pool.connect = () => {
    const work = workHere();
    if (work.signal?.aborted) return Promise.reject(new HungUpError());
    return inGrantedTime(connect(), work, (client) => client.release());
  };
  // The pool's own would connect in somebody else's turn, where the work is not known.
  pool.query = async (...asked) => {
    const client = await pool.connect();
    try {
      return await client.query(...asked);
    } finally {
      client.release();
    }
  };
}

/**
 * What the server grants is for when we are gone. An engine's beats and its other work take turns on its connections:
 * with one limit for both, neither is told it anew each time.
 */
const serverMs = (ms: number, { kind }: Work): number => (kind === "pulse" ? statementMs.background : ms);

const grantedMs = ({ kind, endsAt }: Work): number =>
  Math.max(1, Math.min(statementMs[kind], (endsAt ?? Number.POSITIVE_INFINITY) - performance.now()));

/** What `coming` brings, unless its deadline or its client's hanging up is first; then `late` has what comes. */
function inGrantedTime<T>(coming: Promise<T>, work: Work, late: (brought: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const ms = grantedMs(work);
    let isOver = false;
    const end = (settle: () => void) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      work.signal?.removeEventListener("abort", hangUp);
      settle();
    };
    const hangUp = () => end(() => reject(new HungUpError()));
    const timer = setTimeout(() => end(() => reject(new DeadlineError(ms))), ms);
    work.signal?.addEventListener("abort", hangUp, { once: true });
    coming.then(
      (brought) => (isOver ? late(brought) : end(() => resolve(brought))),
      (error) => end(() => reject(error)),
    );
  });
}

function guardClient(client: GuardedClient, workHere: () => Work, around: Surroundings): void {
  const send = client.query.bind(client) as (...asked: unknown[]) => Promise<unknown>;
  const session = new Session(client, send);
  // A connection may end while somebody has it who asks nothing of it at the moment.
  client.on("error", () => {});

  const guarded = async (asked: unknown[]): Promise<unknown> => {
    const step = stepOf(textOf(asked[0]));
    const work = step === "statement" ? workHere() : { ...workHere(), signal: undefined };
    if (work.signal?.aborted) throw new HungUpError();
    // Nothing of it is left to be rolled back.
    if (step === "rollback" && session.isLost) return { rows: [] };
    if (step === "commit" && workHere().signal?.aborted) throw new HungUpError();
    try {
      await session.prepare(grantedMs(work), work, around, step === "statement" && isNamed(asked[0]));
      const answer = await session.run(() => send(...session.sendable(asked)), work, around);
      session.isInTransaction = step === "begin" || (step === "statement" && session.isInTransaction);
      return answer;
    } catch (error) {
      // Drizzle gives a connection back only after `begin` has succeeded.
      if (step === "begin") client.release(true);
      throw error;
    }
  };

  client.query = (...asked) => {
    const [config] = asked;
    // Cursors and the like answer for themselves.
    if (typeof config === "object" && config !== null && "submit" in config) return send(...asked);
    const told = asked.at(-1);
    if (typeof told !== "function") return guarded(asked);
    guarded(asked.slice(0, -1)).then(
      (answer) => told(null, answer),
      (error) => told(error),
    );
    return undefined;
  };
}

/** One connection: what the server was told about it, and whether it can still be used. */
class Session {
  isInTransaction = false;
  isLost = false;
  /** The server's own limit as it stands; null where the connection is a pooler's, which others use after us. */
  #limitMs: number | null | undefined;
  #keepsPlans = false;
  #plansForAny = false;
  readonly #client: GuardedClient;
  readonly #send: (...asked: unknown[]) => Promise<unknown>;

  constructor(client: GuardedClient, send: (...asked: unknown[]) => Promise<unknown>) {
    this.#client = client;
    this.#send = send;
  }

  /** Tells the server the limit, where the session is ours alone: behind a pooler the server's process is another. */
  async prepare(ms: number, work: Work, around: Surroundings, isNamed: boolean): Promise<void> {
    if (this.isInTransaction || this.#limitMs === null) return;
    // In steps, so that what is left of a budget does not tell it anew for each statement.
    const limitMs = Math.ceil(serverMs(ms, work) / 1_000) * 1_000 + serverMarginMs;
    const keepsPlans = this.#keepsPlans || repeating.has(work.kind);
    const plansForAny = isNamed && repeating.has(work.kind);
    const isTold =
      this.#limitMs !== undefined && this.#limitMs >= limitMs && this.#limitMs <= limitMs + 2_000;
    if (isTold && keepsPlans === this.#keepsPlans && plansForAny === this.#plansForAny) return;
    const ask = (text: string, values: unknown[]) =>
      this.run(() => this.#send({ text, values }) as Promise<{ rows: { pid?: number }[] }>, work, around);
    if (this.#limitMs === undefined) {
      // Neon's driver connects and asks in one go: it knows its process only when that is answered.
      const { rows } = await ask("select pg_backend_pid() as pid", []);
      if (rows[0]?.pid !== this.#client.processID) {
        this.#limitMs = null;
        return;
      }
    }
    const told = [this.#limitMs === undefined ? tellFirst : tellLimit];
    if (keepsPlans !== this.#keepsPlans) told.push(planSettings);
    if (plansForAny !== this.#plansForAny) told.push(plansForAny ? tellForAny : tellForValues);
    await ask(told.join(", "), [String(limitMs)]);
    this.#limitMs = limitMs;
    this.#keepsPlans = keepsPlans;
    this.#plansForAny = plansForAny;
  }

  /** What is asked, unnamed behind a pooler: what was prepared on one process of the server is unknown to the next. */
  sendable(asked: unknown[]): unknown[] {
    const [config, ...rest] = asked;
    if (this.#limitMs !== null || typeof config !== "object" || config === null || !("name" in config))
      return asked;
    return [{ ...config, name: undefined }, ...rest];
  }

  /** Does one thing on the connection, in time or not at all. */
  async run<T>(act: () => Promise<T>, work: Work, around: Surroundings): Promise<T> {
    const coming = act();
    try {
      const answer = await inGrantedTime(coming, work, () => {});
      around.onAnswer();
      return answer;
    } catch (error) {
      if (errorCode(error) === queryCanceled) throw new DeadlineError(grantedMs(work));
      if (!(error instanceof DeadlineError) && !(error instanceof HungUpError)) throw bareError(error);
      const done = await this.#end(coming, around);
      // It was done after all, just before it was to be ended.
      if (done && error instanceof DeadlineError) return done.answer;
      throw error;
    }
  }

  /** Ends a statement that runs. Resolves to its answer when it had one after all. */
  async #end<T>(coming: Promise<T>, { cancel }: Surroundings): Promise<{ answer: T } | undefined> {
    const settled = coming.then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    const isOurs = typeof this.#limitMs === "number";
    const asked = isOurs && (await within(cancel(this.#client.processID ?? 0), farewellMs));
    const end = asked ? await within(settled, farewellMs) : undefined;
    if (end && "error" in end && errorCode(end.error) === queryCanceled) return undefined;
    // Also one that was done meanwhile: a cancellation that comes late would hit whatever comes next.
    this.isLost = true;
    this.#client._queryable = false;
    this.#client.connection?.stream?.destroy();
    return end && "answer" in end ? end : undefined;
  }
}

const tellLimit = "select set_config('statement_timeout', $1, false)";
const tellFirst = `${tellLimit}, set_config('client_connection_check_interval', '${connectionCheckMs}', false),
  set_config('idle_in_transaction_session_timeout', '${idleTransactionMs}', false)`;

/**
 * What comes again and again under a name is planned once a connection, for any values: left to itself, PostgreSQL plans it
 * for those at hand five times first, which takes longer than to carry it out. Everything else is planned each time anyway, and
 * better for the values that it has.
 */
const tellForAny = "set_config('plan_cache_mode', 'force_generic_plan', false)";
const tellForValues = "set_config('plan_cache_mode', 'auto', false)";

const isNamed = (config: unknown): boolean =>
  typeof config === "object" && config !== null && "name" in config && Boolean(config.name);

const textOf = (config: unknown): string => {
  if (typeof config === "string") return config;
  return typeof config === "object" && config !== null && "text" in config ? String(config.text) : "";
};

type Step = "begin" | "commit" | "rollback" | "statement";

/** Whether a statement begins or ends a transaction. */
function stepOf(text: string): Step {
  const [, word] = /^\s*(begin|commit|rollback)\b(?!\s+to\b)/i.exec(text) ?? [];
  return (word?.toLowerCase() as Step | undefined) ?? "statement";
}
