import { residentLimitMb } from "@/lib/runner/limits";
import type { WorkerProcess } from "./worker-process";

const everyMs = 100;

/** Ends a worker whose resident memory passes its limit: buffers and second heaps escape V8's own limit. */
export class MemoryWatch {
  #peakMb: number | null = null;
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
    const residentMb = this.worker.residentMb();
    if (residentMb === null) return;
    this.#peakMb = Math.max(this.#peakMb ?? 0, residentMb);
    if (residentMb > residentLimitMb(this.worker.heapMb)) {
      this.worker.kill({ type: "OomError", message: "Run exceeded maximum memory usage" });
    }
  }
}
