import { Worker } from "node:worker_threads";
import { parseExact } from "@/lib/exact-json";
import { FairQueue } from "@/lib/net/fair-queue";
import type { OpenApart, OpenedPlain, Stopped } from "./apart";
import type { ThreadTask } from "./thread";

type Settings = { timeoutMs: number; heapMb: number; patienceMs: number };
const defaults: Settings = { timeoutMs: 10_000, heapMb: 256, patienceMs: 20_000 };

/**
 * Reads each folder in a thread of its own, which ends with it: after `timeoutMs`, with more than `heapMb`, or when
 * whoever asked hangs up. Two at a time, one of a tenant. `program` is the bundle of thread.ts.
 */
export function openInThreads(program: string, settings: Partial<Settings> = {}): OpenApart {
  const { timeoutMs, heapMb, patienceMs } = { ...defaults, ...settings };
  const line = new FairQueue({ total: 2, perTenant: 1, maxWaiting: 4 });
  return async ({ tenant, files, options, signal }) => {
    const read = () => open(program, { files, options }, { timeoutMs, heapMb, signal });
    try {
      const answer = await line.runWithin(tenant, patienceMs, read, signal);
      if (answer !== "full" && answer !== "late") return answer;
      return { stopped: signal?.aborted ? "hungUp" : "busy" };
    } catch (error) {
      if (signal?.aborted) return { stopped: "hungUp" };
      throw error;
    }
  };
}

type Bounds = Pick<Settings, "timeoutMs" | "heapMb"> & { signal: AbortSignal | undefined };

function open(program: string, task: ThreadTask, bounds: Bounds): Promise<OpenedPlain | Stopped> {
  const { timeoutMs, heapMb, signal } = bounds;
  return new Promise((resolve, reject) => {
    const thread = new Worker(program, {
      env: {},
      execArgv: [],
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", hangUp);
      // The next one begins when this one's memory is given back.
      void thread.terminate().then(settle, settle);
    };
    const hangUp = () => end(() => resolve({ stopped: "hungUp" }));
    const timer = setTimeout(() => end(() => resolve({ stopped: "time" })), timeoutMs);
    signal?.addEventListener("abort", hangUp, { once: true });
    thread.once("message", (answer: string) =>
      end(() => resolve(parseExact(answer) as unknown as OpenedPlain)),
    );
    thread.once("error", (error: NodeJS.ErrnoException) =>
      end(() => (error.code === "ERR_WORKER_OUT_OF_MEMORY" ? resolve({ stopped: "memory" }) : reject(error))),
    );
  });
}
