import { env } from "./env";

const order = ["debug", "info", "warn", "error"] as const;
type Level = (typeof order)[number];
type Fields = Record<string, unknown>;

/** One JSON line a record on standard error. Fields must not hold secrets or payloads. */
function write(level: Level, message: string, fields: Fields = {}): void {
  if (order.indexOf(level) < order.indexOf(env().LOG_LEVEL)) return;
  const plain = Object.fromEntries(
    Object.entries(fields).map(([k, v]) => [
      k,
      v instanceof Error
        ? {
            name: v.name,
            message: v.message,
            stack: v.stack,
            cause: v.cause instanceof Error ? v.cause.message : undefined,
          }
        : v,
    ]),
  );
  console.error(JSON.stringify({ at: new Date().toISOString(), level, message, ...plain }));
}

export const log = {
  debug: (message: string, fields?: Fields) => write("debug", message, fields),
  info: (message: string, fields?: Fields) => write("info", message, fields),
  warn: (message: string, fields?: Fields) => write("warn", message, fields),
  error: (message: string, fields?: Fields) => write("error", message, fields),
};
