import { residentLimitMb } from "@/lib/runner/limits";
import { isStopped } from "@/lib/runner/sandbox/proc";
import type { WorkerProcess } from "./worker-process";

const everyMs = 100;
const looksPerSecond = 1000 / everyMs;
/** A process that somebody stopped (SIGSTOP) never ends by itself. */
const maxStoppedSeconds = 5;

/**
 * Ends a worker whose resident memory passes its limit, because buffers and second heaps escape V8's own limit, and one
 * that was stopped from outside.
 */
export class MemoryWatch {
  #peakMb: number | null = null;
  #looks = 0;
  #stoppedSeconds = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(readonly worker: WorkerProcess) {
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Stops and answers the most that was seen. */
  stop(): number | null {
    clearInterval(this.#timer);
    this.#look();
    return this.#peakMb === null ? null : Math.round(this.#peakMb);
  }

  #look(): void {
    if (!this.worker.isAlive) return;
    this.#looks += 1;
    if (this.#looks % looksPerSecond === 0) this.#lookWhetherStopped();
    const residentMb = this.worker.residentMb();
    if (residentMb === null) return;
    this.#peakMb = Math.max(this.#peakMb ?? 0, residentMb);
    if (residentMb > residentLimitMb(this.worker.heapMb)) {
      this.worker.kill({ type: "OomError", message: "Run exceeded maximum memory usage" });
    }
  }

  #lookWhetherStopped(): void {
    const pid = this.worker.leafPid();
    this.#stoppedSeconds = pid !== null && isStopped(pid) ? this.#stoppedSeconds + 1 : 0;
    if (this.#stoppedSeconds >= maxStoppedSeconds)
      this.worker.kill({ type: "Lost", message: "The job's process was stopped from outside" });
  }
}
