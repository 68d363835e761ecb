import type { Database, Sql } from "@/db/client";
import { coalesce } from "@/lib/coalesce";

export type OutboxEvent = { id: string; name: string; data: Record<string, unknown> };
type OutboxRow = { id: string; event: string; data: Record<string, unknown>; created_at: Date };

const defaultBatch = 500;

export type OutboxOptions = {
  database: Database;
  /** Hands a batch over. It runs inside the transaction that deletes the rows: what throws keeps them. */
  send: (events: OutboxEvent[], sql: Sql) => Promise<void>;
  afterCommit?: () => void;
  /** The events go into the same database: a crash that takes the commit back brings the rows back with it. */
  isEmbedded?: boolean;
  batch?: number;
  pollMs?: number;
  onError?: (error: unknown) => void;
};

/** A run is requested once, whoever asks how often; other events are told apart by their row. */
const eventId = ({ id, event, data, created_at }: OutboxRow): string =>
  event === "run/requested" && typeof data.runId === "string"
    ? data.runId
    : `outbox-${id}-${created_at.getTime()}`;

/**
 * Sends one batch of outbox rows, oldest first, and deletes them in the same transaction; returns how many. Rows that
 * another dispatcher has in hand are skipped.
 */
export async function dispatchOutbox({
  database,
  send,
  isEmbedded,
  batch = defaultBatch,
}: OutboxOptions): Promise<number> {
  return database.transaction(async (sql) => {
    const rows = await sql.query<OutboxRow>(
      `delete from outbox where id = any(array(select id from outbox order by id limit $1 for update skip locked))
        returning id, event, data, created_at, set_config('synchronous_commit', $2, true)`,
      [batch, isEmbedded ? "off" : "on"],
      "outbox.take",
    );
    if (rows.length === 0) return 0;
    rows.sort((a, b) => Number(a.id) - Number(b.id));
    await send(
      rows.map((row) => ({ id: eventId(row), name: row.event, data: row.data })),
      sql,
    );
    return rows.length;
  });
}

/** Keeps the outbox empty: woken by NOTIFY, and by polling in case a notice was lost. */
export class OutboxDispatcher {
  readonly #options: OutboxOptions;
  readonly #drains = coalesce(() => this.#drain());
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isStopped = true;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#drains.idle();
  }

  wake(): void {
    if (!this.#isStopped) this.#drains.ask();
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    try {
      const sent = await dispatchOutbox(this.#options);
      this.#failures = 0;
      if (sent > 0) this.#options.afterCommit?.();
      // A batch that was not full left nothing behind: what came since brings its own notice.
      if (sent === (this.#options.batch ?? defaultBatch)) this.wake();
    } catch (error) {
      this.#failures++;
      this.#options.onError?.(error);
    }
    const pollMs = (this.#options.pollMs ?? 1000) * (0.8 + Math.random() * 0.4);
    const delay = this.#failures > 0 ? Math.min(30_000, 250 * 2 ** this.#failures) : pollMs;
    if (!this.#isStopped) this.#timer = setTimeout(() => this.wake(), delay);
  }
}
