/**
 * What PostgreSQL and its drivers say besides, which quotes rows and parameters: payloads, secrets. `errorCode`, the
 * constraint's, table's and column's names stay.
 */
const quoting = ["detail", "where", "internalQuery", "params", "parameters"] as const;

/** Classes of errors about what a value means, and of syntax errors, which those in a value also are. They quote it. */
const aboutValues = /^(22|42601|54)/;

/**
 * Takes what a failed statement was given out of its error, and out of what caused it: from there errors go to logs, to
 * the engine's tables and to whatever a framework prints. Returns the same error.
 */
export function bareError<T>(error: T): T {
  bare(error, 0);
  return error;
}

const maxDepth = 10;

function bare(error: unknown, depth: number): void {
  if (depth > maxDepth || !(error instanceof Error)) return;
  bare(error.cause, depth + 1);
  if (error instanceof AggregateError) for (const one of error.errors) bare(one, depth + 1);
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  const isOfServer = severity !== undefined && typeof code === "string";
  if (isWrapped(error)) say(error, `Failed query: ${error.query}`);
  else if (!isOfServer) return;
  else if (aboutValues.test(code)) say(error, error.message.replace(/".*"/s, '"…"'));
  for (const name of quoting) if (name in error) Reflect.deleteProperty(error, name);
}

/** As Drizzle wraps whatever a driver says. */
const isWrapped = (error: Error): error is Error & { query: string } =>
  "query" in error && typeof error.query === "string" && error.message.startsWith("Failed query: ");

/** Gives an error another message, also where its stack begins with it. */
function say(error: Error, message: string): void {
  if (error.message === message) return;
  const { stack, message: before } = error;
  error.message = message;
  if (stack === undefined) return;
  const at = stack.indexOf(before);
  error.stack =
    at < 0 ? `${error.name}: ${message}` : stack.slice(0, at) + message + stack.slice(at + before.length);
}
