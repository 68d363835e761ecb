import type { Database, Sql } from "@/db/client";

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
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private again = false;
  private failures = 0;
  private isStopped = true;

  constructor(private readonly options: OutboxOptions) {}

  start(): void {
    this.isStopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  wake(): void {
    if (this.isStopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = this.drain().finally(() => {
      this.running = null;
      if (this.again && this.failures === 0) this.wake();
    });
  }

  private async drain(): Promise<void> {
    try {
      do {
        this.again = false;
        const sent = await dispatchOutbox(this.options);
        if (sent > 0) this.options.afterCommit?.();
        // A batch that was not full left nothing behind: what came since brings its own notice.
        if (sent === (this.options.batch ?? defaultBatch)) this.again = true;
        this.failures = 0;
      } while (this.again && !this.isStopped);
    } catch (error) {
      this.failures++;
      this.options.onError?.(error);
    }
    const pollMs = (this.options.pollMs ?? 1000) * (0.8 + Math.random() * 0.4);
    const delay = this.failures > 0 ? Math.min(30_000, 250 * 2 ** this.failures) : pollMs;
    if (!this.isStopped) this.timer = setTimeout(() => this.wake(), delay);
  }
}
