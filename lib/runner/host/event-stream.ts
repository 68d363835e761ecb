import type { ServerResponse } from "node:http";
import type { StepEvent } from "@/lib/runner/contract";

/** Step events as lines of JSON, those of one turn of the event loop in one write. */
export class EventStream {
  #pending = "";
  #isScheduled = false;

  constructor(readonly response: ServerResponse) {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.flushHeaders();
  }

  event(event: StepEvent): void {
    this.#pending += `${JSON.stringify(event)}\n`;
    if (event.type === "result") {
      this.#flush();
      this.response.end();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    }
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#pending && !this.response.writableEnded) this.response.write(this.#pending);
    this.#pending = "";
  }
}
