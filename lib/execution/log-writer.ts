import type { Sql } from "@/db/client";
import type { LogLine } from "@/lib/runner/contract";
import { withoutNul } from "@/lib/text";

const intervalMs = 150;
const maxBatchLines = 2_000;

/** Stores a step's log lines in batches while it runs: one insert an interval, in order, twice is harmless. */
export class LogWriter {
  private buffer: LogLine[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private failure: unknown;
  /** Lines seen, for the step's row. */
  count = 0;

  constructor(
    private readonly sql: Sql,
    private readonly stepId: string,
    private readonly onWritten: () => void,
  ) {}

  add(lines: LogLine[]): void {
    for (const line of lines) {
      this.buffer.push(line);
      this.count = Math.max(this.count, line.seq + 1);
    }
    if (this.buffer.length >= maxBatchLines) this.write();
    else if (this.buffer.length > 0) this.timer ??= setTimeout(() => this.write(), intervalMs);
  }

  /** Resolves when everything added so far is stored. Throws what a write threw. */
  async finish(): Promise<void> {
    this.write();
    await this.writing;
    if (this.failure) throw this.failure;
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.buffer;
    if (lines.length === 0) return;
    this.buffer = [];
    this.writing = this.writing
      .then(() => this.insert(lines))
      .catch((error) => {
        this.failure ??= error;
      });
  }

  private async insert(lines: LogLine[]): Promise<void> {
    await this.sql.query(
      `insert into log_lines (step_id, seq, at, level, source, message)
       select $1, x.* from unnest($2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) as x
       on conflict do nothing`,
      [
        this.stepId,
        lines.map((l) => l.seq),
        lines.map((l) => new Date(l.at)),
        lines.map((l) => l.level),
        lines.map((l) => l.source),
        lines.map((l) => withoutNul(l.message)),
      ],
      "insert-log-lines",
    );
    this.onWritten();
  }
}
