import type { LogLine } from "@/lib/runner/contract";
import type { CheckedLog } from "@/lib/runner/protocol/from-worker";
import type { LogLevel, LogSource } from "@/lib/words";
import type { Scrubber } from "./scrub";

/** A worker that sends this much more than it was told to is not ours any more. */
const tolerance = 1.2;
const perLineBytes = 200;

/** A step's lines: numbered, scrubbed, in time order, bounded whatever the worker does. */
export class StepLog {
  #seq = 0;
  #last: number;
  #lines = 0;
  #bytes = 0;

  constructor(
    readonly scrubber: Scrubber,
    readonly limits: { maxLogLines: number; maxLogBytes: number },
    readonly emit: (line: LogLine) => void,
  ) {
    this.#last = Date.now();
  }

  /** A line of the worker. False when it has sent more than any honest worker would. */
  fromWorker(line: CheckedLog, bytes: number): boolean {
    this.#lines += 1;
    this.#bytes += Math.max(0, bytes - perLineBytes);
    const { maxLogLines, maxLogBytes } = this.limits;
    if (this.#lines > maxLogLines * tolerance + 1 || this.#bytes > maxLogBytes * tolerance * 2) return false;
    this.#add(line.level, line.source, line.message, line.at);
    return true;
  }

  /** A line of the runner itself. */
  note(level: LogLevel, message: string): void {
    this.#add(level, "R/T", message, Date.now());
  }

  #add(level: LogLevel, source: LogSource, message: string, at: number): void {
    const clamped = Math.min(Math.max(at, this.#last), Date.now());
    this.#last = clamped;
    this.emit({ seq: this.#seq++, at: clamped, level, source, message: this.scrubber.text(message) });
  }
}
