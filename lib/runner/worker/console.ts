import { frameType } from "@/lib/runner/protocol/frames";
import { type LogMessage, maxLogMessageChars } from "@/lib/runner/protocol/messages";
import { inspect } from "./inspect";
import { sendJson } from "./transport";

export type LogLimits = { maxLogLines: number; maxLogBytes: number };
type Level = "debug" | "info" | "success" | "warn" | "error";
type Write = (...values: unknown[]) => void;
export type JobConsole = Record<string, Write>;

/** The step whose lines are being sent. Consoles of earlier steps write nothing. */
type Sink = { token: number; lines: number; bytes: number; limits: LogLimits; isCut: boolean };
let sink: Sink | null = null;

export function openLog(token: number, limits: LogLimits): void {
  sink = { token, lines: 0, bytes: 0, limits, isCut: false };
}

export function closeLog(): void {
  sink = null;
}

function write(source: LogMessage["source"], token: number | null, level: Level, values: unknown[]): void {
  if (!sink || sink.isCut || (token !== null && token !== sink.token) || values.length === 0) return;
  if (values.every((value) => value === null || value === undefined)) return;
  let message = values.map(inspect).join(" ");
  if (message.length > maxLogMessageChars) message = `${message.slice(0, maxLogMessageChars)}… [truncated]`;
  sink.lines += 1;
  sink.bytes += message.length;
  if (sink.lines > sink.limits.maxLogLines || sink.bytes > sink.limits.maxLogBytes) {
    sink.isCut = true;
    level = "warn";
    message = "[log limit reached: further lines are dropped]";
  }
  const line: LogMessage = { token: sink.token, level, source, at: Date.now(), message };
  sendJson(frameType.log, line);
}

/** The `console` of one step, or (token null) the one that adaptors keep across steps. */
export function makeConsole(source: LogMessage["source"], token: number | null): JobConsole {
  const at =
    (level: Level): Write =>
    (...values) =>
      write(source, token, level, values);
  const silent: Write = () => undefined;
  const [debug, info, warn, error] = [at("debug"), at("info"), at("warn"), at("error")];
  return {
    ...{ debug, info, warn, error },
    log: info,
    always: info,
    success: at("success"),
    trace: debug,
    table: info,
    dir: info,
    group: info,
    groupEnd: silent,
    time: silent,
    timeEnd: silent,
    timeLog: silent,
    count: silent,
    assert: (condition, ...values) => {
      if (!condition) error("Assertion failed:", ...values);
    },
  };
}

const shared = makeConsole("ADA", null);

/** Adaptors' console; unknown methods are silent instead of undefined. */
export const adaptorConsole = shared as JobConsole & Record<"log" | "warn", Write>;
