import type { OutboxEvent } from "@/inngest/outbox";
import { log } from "@/lib/log";
import type { InngestApi } from "./api";

const path = (app: string, id: string) => `/api/v2/apps/${app}/functions/${app}-${id}/invoke`;
const pauseMs = 60_000;

export type InvokerOptions = { api: InngestApi; app: string; now?: () => number };

/**
 * Begins a function's run by Inngest's API. A self-hosted Inngest looks for events every 250 ms; what is invoked it queues
 * at once, under the same limits. What was invoked twice is run twice, one after the other: it is named by Inngest alone.
 */
export class Invoker {
  readonly #options: InvokerOptions;
  readonly #now: () => number;
  #restsUntil = 0;

  constructor(options: InvokerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** False when it did not, or nobody knows: the event is to be sent. Then it does not try for a minute. */
  async invoke(functionId: string, { data }: OutboxEvent): Promise<boolean> {
    if (this.#now() < this.#restsUntil) return false;
    const { api, app } = this.#options;
    try {
      const { status } = await api(path(app, functionId), { data });
      if (status === 200) return true;
      log.info("Inngest does not take invocations: runs come as events", { status });
    } catch (error) {
      log.info("Inngest did not answer an invocation: runs come as events", { error });
    }
    this.#restsUntil = this.#now() + pauseMs;
    return false;
  }
}
