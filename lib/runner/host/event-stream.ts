import type { ServerResponse } from "node:http";
import { beatEveryMs, type StepEvent } from "@/lib/runner/contract";
import { ndjson } from "@/lib/runner/wire";

/** Nothing follows these. */
const terminal = new Set<StepEvent["type"]>(["result", "not_started", "superseded"]);
/** What nobody takes off our hands for this many beats has no reader any more. */
const maxStalledBeats = 15;

/** A step that ends within this sends one piece: the head of the answer, its lines and its result. */
const headMs = 20;
const beating = new Set<EventStream>();
setInterval(() => {
  for (const stream of beating) stream.beat();
}, beatEveryMs).unref();

/** Step events as lines of JSON, those of one turn of the event loop in one write. */
export class EventStream {
  #pending = "";
  #isScheduled = false;
  #stalledBeats = 0;
  readonly #head: NodeJS.Timeout;

  constructor(
    readonly response: ServerResponse,
    headers: Record<string, string>,
    /** `knowsLife`: whose life answers is no news to the reader, so the head may come with what follows. */
    { hasBeats, knowsLife }: { hasBeats: boolean; knowsLife: boolean },
  ) {
    response.statusCode = 200;
    for (const [name, value] of Object.entries({ "content-type": ndjson, ...headers }))
      response.setHeader(name, value);
    this.#head = setTimeout(() => response.flushHeaders(), headMs);
    if (!knowsLife) response.flushHeaders();
    if (hasBeats) beating.add(this);
    response.once("close", () => this.#leave());
  }

  event(event: StepEvent): void {
    this.#pending += `${JSON.stringify(event)}\n`;
    if (terminal.has(event.type)) {
      this.#leave();
      this.response.end(this.#pending);
      this.#pending = "";
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

  #leave(): void {
    clearTimeout(this.#head);
    beating.delete(this);
  }

  #flush(): void {
    this.#isScheduled = false;
    if (!this.#pending || this.response.writableEnded) return;
    clearTimeout(this.#head);
    this.response.write(this.#pending);
    this.#pending = "";
  }
}
