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

/** Where the events of a step go: an answer of its own, or its part of a link. */
export type EventSink = {
  write(text: string): void;
  end(text: string): void;
  /** Something waits to be taken by the reader. */
  readonly isStalled: boolean;
  /** The reader hears no more of it, and not that it has ended. */
  cut(): void;
  onClose(act: () => void): void;
};

/** The answer to an HTTP request, whose head leaves with what follows unless that takes long or `isHeadAwaited`. */
export class AnswerSink implements EventSink {
  readonly #head: NodeJS.Timeout;

  constructor(
    readonly response: ServerResponse,
    headers: Record<string, string>,
    { isHeadAwaited }: { isHeadAwaited: boolean },
  ) {
    response.statusCode = 200;
    for (const [name, value] of Object.entries({ "content-type": ndjson, ...headers }))
      response.setHeader(name, value);
    this.#head = setTimeout(() => response.flushHeaders(), headMs);
    if (isHeadAwaited) response.flushHeaders();
    response.once("close", () => clearTimeout(this.#head));
  }

  get isStalled(): boolean {
    return this.response.writableLength > 0;
  }

  write(text: string): void {
    clearTimeout(this.#head);
    if (!this.response.writableEnded) this.response.write(text);
  }

  end(text: string): void {
    clearTimeout(this.#head);
    this.response.end(text);
  }

  cut(): void {
    this.response.destroy();
  }

  onClose(act: () => void): void {
    this.response.once("close", act);
  }
}

/** Step events as lines of JSON, those of one turn of the event loop in one piece. */
export class EventStream {
  #pending = "";
  #isScheduled = false;
  #stalledBeats = 0;

  constructor(
    readonly sink: EventSink,
    { hasBeats }: { hasBeats: boolean },
  ) {
    if (hasBeats) beating.add(this);
    sink.onClose(() => beating.delete(this));
  }

  event(event: StepEvent): void {
    this.#pending += `${JSON.stringify(event)}\n`;
    if (terminal.has(event.type)) {
      beating.delete(this);
      this.sink.end(this.#pending);
      this.#pending = "";
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    }
  }

  beat(): void {
    this.#stalledBeats = this.sink.isStalled ? this.#stalledBeats + 1 : 0;
    if (this.#stalledBeats > maxStalledBeats) {
      beating.delete(this);
      this.sink.cut();
    } else this.event({ type: "beat" });
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#pending) this.sink.write(this.#pending);
    this.#pending = "";
  }
}
