import type { CheckOptions, Remark } from "@/lib/runner/compiler/check";
import type { CheckAnswer, CheckRequest } from "./check-worker";

type Waiting = { request: CheckRequest; answer(remarks: Remark[] | null): void };

/** Longer than any code that a run would still compile; then nothing is said of it. */
const patienceMs = 60_000;

/** Checks code beside the page's own thread, so that nobody's typing waits for the compiler. */
class Checker {
  #worker: Worker | null = null;
  #canStart = true;
  #last = 0;
  readonly #waiting = new Map<number, Waiting>();

  check(source: string, options: CheckOptions): Promise<Remark[] | null> {
    const request = { id: ++this.#last, source, options };
    return new Promise((answer) => {
      this.#waiting.set(request.id, { request, answer });
      setTimeout(() => this.#giveUp(request.id), patienceMs);
      this.#send(request);
    });
  }

  #send(request: CheckRequest): void {
    if (!this.#canStart) return void this.#here(request);
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./check-worker.ts", import.meta.url));
    worker.onmessage = ({ data }: MessageEvent<CheckAnswer>) => this.#settle(data.id, data.remarks);
    // A browser that starts no worker compiles on the page's own thread.
    worker.onerror = () => {
      this.#canStart = false;
      this.#end();
      for (const { request } of this.#waiting.values()) void this.#here(request);
    };
    return worker;
  }

  async #here({ id, source, options }: CheckRequest): Promise<void> {
    const { checkJob } = await import("@/lib/runner/compiler/check");
    this.#settle(id, checkJob(source, options));
  }

  #giveUp(id: number): void {
    if (!this.#waiting.has(id)) return;
    this.#end();
    for (const waiting of [...this.#waiting.keys()]) this.#settle(waiting, null);
  }

  #settle(id: number, remarks: Remark[] | null): void {
    this.#waiting.get(id)?.answer(remarks);
    this.#waiting.delete(id);
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }
}

const checker = new Checker();

/** What is to be said of a job's code: in the order of the code; null when nobody could say. */
export const checkCode = (source: string, options: CheckOptions): Promise<Remark[] | null> =>
  checker.check(source, options);
