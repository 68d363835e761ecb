import { hostname } from "node:os";
import { ConnectionState, connect, type WorkerConnection } from "inngest/connect";
import { inngest } from "@/inngest/client";
import { within } from "@/lib/in-time";

const pauseMs = 5_000;

type Options = { maxInFlight: number; onError: (error: unknown) => void };

/** Node 20 has none of its own. */
async function provideWebSocket(): Promise<void> {
  const global: { WebSocket?: unknown } = globalThis;
  global.WebSocket ??= (await import("ws")).WebSocket;
}

/** The engine's own connection to Inngest's gateway: what Inngest wants executed comes over it, and who executes is known by it. */
export class GatewayConnection {
  readonly #options: Options;
  #open: WorkerConnection | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Connects, and tries again until it does: Inngest may be away. Once connected, the SDK keeps it so. */
  async start(): Promise<void> {
    if (this.#isStopped) return;
    try {
      const { functions } = await import("@/inngest/functions");
      await provideWebSocket();
      const open = await connect({
        apps: [{ client: inngest, functions }],
        instanceId: `${hostname()}-${process.pid}`,
        maxWorkerConcurrency: this.#options.maxInFlight,
        // Signals are the process's own, and its bundle has no file for a thread.
        handleShutdownSignals: [],
        isolateExecution: false,
      });
      if (this.#isStopped) await open.close();
      else this.#open = open;
    } catch (error) {
      this.#options.onError(error);
      this.#timer = setTimeout(() => void this.start(), pauseMs);
    }
  }

  /** Tells Inngest of our functions again, which is said when a connection begins. Nothing while one is being opened. */
  async renew(): Promise<void> {
    const before = this.#open;
    if (!before) return;
    this.#open = null;
    await before.close();
    await this.start();
  }

  /** Why nothing comes over it now; null while it is open. */
  get problem(): string | null {
    return this.#open?.state === ConnectionState.ACTIVE ? null : "is not connected to Inngest's gateway";
  }

  /** How many calls are under way. */
  get underWay(): number {
    return this.#open?.getDebugState().inFlightRequestCount ?? 0;
  }

  /** Takes no more calls, and waits for those under way for at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    if (this.#open) await within(this.#open.close(), graceMs);
  }
}
