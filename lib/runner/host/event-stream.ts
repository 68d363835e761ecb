import type { ServerResponse } from "node:http";
import { beatEveryMs, type StepEvent } from "@/lib/runner/contract";
import { ndjson } from "@/lib/runner/wire";

/** Nothing follows these. */
const terminal = new Set<StepEvent["type"]>(["result", "not_started", "superseded"]);
/** What nobody takes off our hands for this many beats has no reader any more. */
const maxStalledBeats = 15;

const beating = new Set<EventStream>();
setInterval(() => {
  for (const stream of beating) stream.beat();
}, beatEveryMs).unref();

/** Step events as lines of JSON, those of one turn of the event loop in one write. */
export class EventStream {
  #pending = "";
  #isScheduled = false;
  #stalledBeats = 0;

  constructor(
    readonly response: ServerResponse,
    headers: Record<string, string>,
    hasBeats: boolean,
  ) {
    response.writeHead(200, { "content-type": ndjson, ...headers });
    response.flushHeaders();
    if (!hasBeats) return;
    beating.add(this);
    response.once("close", () => beating.delete(this));
  }

  event(event: StepEvent): void {
    this.#pending += `${JSON.stringify(event)}\n`;
    if (terminal.has(event.type)) {
      this.#flush();
      this.response.end();
      beating.delete(this);
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    }
  }

  beat(): void {
    this.#stalledBeats = this.response.writableLength > 0 ? this.#stalledBeats + 1 : 0;
    if (this.#stalledBeats > maxStalledBeats) this.response.destroy();
    else this.event({ type: "beat" });
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#pending && !this.response.writableEnded) this.response.write(this.#pending);
    this.#pending = "";
  }
}
