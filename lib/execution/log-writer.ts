import type { LogLine } from "@/lib/runner/contract";
import type { ExecutionStorage } from "./storage";

const intervalMs = 150;
const maxBatchLines = 2_000;

/** Stores a step's log lines in batches while it runs: one insert an interval, in order, twice is harmless. */
export class LogWriter {
  #buffer: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;
  /** Lines seen, for the step's row. */
  count = 0;

  readonly #storage: Pick<ExecutionStorage, "appendLog">;
  readonly #stepId: string;
  readonly #onWritten: () => void;

  constructor(storage: Pick<ExecutionStorage, "appendLog">, stepId: string, onWritten: () => void) {
    this.#storage = storage;
    this.#stepId = stepId;
    this.#onWritten = onWritten;
  }

  add(lines: LogLine[]): void {
    for (const line of lines) {
      this.#buffer.push(line);
      this.count = Math.max(this.count, line.seq + 1);
    }
    if (this.#buffer.length >= maxBatchLines) this.#write();
    else if (this.#buffer.length > 0) this.#timer ??= setTimeout(() => this.#write(), intervalMs);
  }

  /** Resolves when everything added so far is stored. Throws what a write threw. */
  async finish(): Promise<void> {
    this.#write();
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#buffer;
    if (lines.length === 0) return;
    this.#buffer = [];
    this.#writing = this.#writing
      .then(() => this.#insert(lines))
      .catch((error) => {
        this.#failure ??= error;
      });
  }

  async #insert(lines: LogLine[]): Promise<void> {
    await this.#storage.appendLog(this.#stepId, lines);
    this.#onWritten();
  }
}
