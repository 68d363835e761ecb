import type { IncomingMessage } from "node:http";
import type { Ask, LogLine, StepEvent } from "./contract";

export type OnLog = (lines: LogLine[]) => void;
export type LastEvent = Exclude<StepEvent, { type: "log" } | { type: "beat" } | { type: "ask" }>;

/** Lines of text, without their ends; throws what the stream throws. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding("utf8");
  let rest: string[] = [];
  // Its connection is kept: what follows the last event is read by nobody, and not thrown away with all that carried it.
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    const parts = String(chunk).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      yield rest.length === 0 ? part : [...rest, part].join("");
      rest = [];
    }
    if (last) rest.push(last);
  }
}

/** What was seen of a step's events, and who hears of them. */
export type Following = { seen: { next: number }; onLog: OnLog; onAsk(ask: Ask): void };

/** A step's events, until the last; lines already seen are not reported again, and those of one turn together. */
export class EventReader {
  #lines: LogLine[] = [];

  constructor(readonly following: Following) {}

  /** Takes one event as JSON; answers with it when it is the last. Throws when it is no JSON. */
  read(text: string): LastEvent | null {
    const event = JSON.parse(text) as StepEvent;
    if (event.type === "log") this.#add(event.line);
    else if (event.type === "ask") this.following.onAsk(event.ask);
    else if (event.type !== "beat") return event;
    return null;
  }

  flush(): void {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length) this.following.onLog(lines);
  }

  #add(line: LogLine): void {
    const { seen } = this.following;
    if (line.seq < seen.next) return;
    seen.next = line.seq + 1;
    if (this.#lines.length === 0) setImmediate(() => this.flush());
    this.#lines.push(line);
  }
}

/**
 * Reads a step's events until the last. Null when the stream broke before. The connection is free for others afterwards.
 */
export async function readEvents(response: IncomingMessage, following: Following): Promise<LastEvent | null> {
  const reader = new EventReader(following);
  let last: LastEvent | null = null;
  try {
    for await (const text of linesOf(response)) {
      last = reader.read(text);
      if (last) break;
    }
  } catch {
    // The connection broke, or fell silent; the caller follows the step on a new one.
  }
  reader.flush();
  if (last) response.resume();
  else response.destroy();
  return last;
}
