import type { LogLine } from "@/lib/runner/contract";
import type { ExecutionStorage } from "./storage";

const intervalMs = 150;
const maxBatchLines = 2_000;
/** As many lines and characters may wait for the step's end, to be stored with it. */
const maxRestLines = 100;
const maxRestChars = 16_384;

/** Stores a step's log lines in batches while it runs: one insert an interval, in order, twice is harmless. */
export class LogWriter {
  #buffer: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;
  /** Lines seen, those before the first included: the place of the next one. */
  count: number;
  /** Place of the runner's first line: what it says of a repetition comes behind what was said before. */
  #first: number;

  readonly #storage: Pick<ExecutionStorage, "appendLog" | "nextLine">;
  readonly #stepId: string;
  readonly #onWritten: () => void;
  readonly #isKept: (line: LogLine) => boolean;
  /** Lines seen and not kept. */
  #dropped = 0;

  /** What the job writes to its console is not kept without `keepsConsole`, but for errors (OpenFn: enable_job_logs). */
  constructor(
    storage: Pick<ExecutionStorage, "appendLog" | "nextLine">,
    step: { id: string; logLines: number },
    onWritten: () => void,
    keepsConsole = true,
  ) {
    this.#isKept = ({ source, level }) => keepsConsole || source !== "JOB" || level === "error";
    this.#storage = storage;
    this.#stepId = step.id;
    this.#first = step.logLines;
    this.count = step.logLines;
    this.#onWritten = onWritten;
  }

  /** Lines that were kept, for the row of a step that has ended. */
  get kept(): number {
    return this.count - this.#dropped;
  }

  /** Lines of the runner, which counts them from 0. */
  add(lines: LogLine[]): void {
    this.#put(lines.map((line) => ({ ...line, seq: line.seq + this.#first })));
  }

  /** A line of our own, behind all others. */
  note(message: string): void {
    this.#put([{ seq: this.count, at: Date.now(), level: "warn", source: "R/T", message }]);
  }

  /** Whoever had the step before may have stored lines that are not heard again: what is added comes behind them. */
  async goOn(): Promise<void> {
    this.count = Math.max(this.count, await this.#storage.nextLine(this.#stepId));
  }

  /** What the runner says from now on is of a repetition: it counts anew. */
  beginRepetition(): void {
    this.#first = this.count;
  }

  #put(lines: LogLine[]): void {
    for (const line of lines) {
      if (this.#isKept(line)) this.#buffer.push(line);
      else this.#dropped += 1;
      this.count = Math.max(this.count, line.seq + 1);
    }
    if (this.#buffer.length >= maxBatchLines) this.#write();
    else if (this.#buffer.length > 0) this.#timer ??= setTimeout(() => this.#write(), intervalMs);
  }

  /**
   * What is left to store when everything written so far is, for whoever stores it with the step's end: nothing, where it is so
   * much that it was written instead. Throws what a write threw.
   */
  async rest(): Promise<LogLine[]> {
    const chars = this.#buffer.reduce((sum, { message }) => sum + message.length, 0);
    if (this.#buffer.length > maxRestLines || chars > maxRestChars) this.#write();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#written();
    return this.#buffer.splice(0);
  }

  /** Stores what `rest` has given, after all. */
  async keep(rest: LogLine[]): Promise<void> {
    this.#buffer.unshift(...rest);
    await this.finish();
  }

  /** Resolves when everything added so far is stored. Throws what a write threw. */
  async finish(): Promise<void> {
    this.#write();
    await this.#written();
  }

  async #written(): Promise<void> {
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
