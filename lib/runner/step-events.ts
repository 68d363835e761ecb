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

/**
 * Reads a step's events until the last; lines already seen are not reported again. Null when the stream broke before.
 * The connection is free for others afterwards.
 */
export async function readEvents(
  response: IncomingMessage,
  seen: { next: number },
  onLog: OnLog,
  onAsk: (ask: Ask) => void = () => undefined,
): Promise<LastEvent | null> {
  let lines: LogLine[] = [];
  const flush = () => {
    if (lines.length) onLog(lines);
    lines = [];
  };
  const add = (line: LogLine) => {
    if (line.seq < seen.next) return;
    seen.next = line.seq + 1;
    if (lines.length === 0) setImmediate(flush);
    lines.push(line);
  };
  let last: LastEvent | null = null;
  try {
    for await (const text of linesOf(response)) {
      const event = JSON.parse(text) as StepEvent;
      if (event.type === "log") add(event.line);
      else if (event.type === "ask") onAsk(event.ask);
      else if (event.type !== "beat") {
        last = event;
        break;
      }
    }
  } catch {
    // The connection broke, or fell silent; the caller follows the step on a new one.
  }
  flush();
  if (last) response.resume();
  else response.destroy();
  return last;
}
