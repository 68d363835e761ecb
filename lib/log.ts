import { bareError } from "./bare-error";
import { env } from "./env";

const order = ["debug", "info", "warn", "error"] as const;
type Level = (typeof order)[number];
type Fields = Record<string, unknown>;

function partsOf(error: Error) {
  const { name, message, stack, cause } = bareError(error);
  return { name, message, stack, cause: cause instanceof Error ? cause.message : undefined };
}

/** One JSON line a record on standard error. Fields must not hold secrets or payloads; errors of statements lose theirs. */
function write(level: Level, message: string, fields: Fields = {}): void {
  if (order.indexOf(level) < order.indexOf(env().LOG_LEVEL)) return;
  const record = { at: new Date().toISOString(), level, message, ...fields };
  console.error(JSON.stringify(record, (_, value) => (value instanceof Error ? partsOf(value) : value)));
}

export const log = {
  debug: (message: string, fields?: Fields) => write("debug", message, fields),
  info: (message: string, fields?: Fields) => write("info", message, fields),
  warn: (message: string, fields?: Fields) => write("warn", message, fields),
  error: (message: string, fields?: Fields) => write("error", message, fields),
};
