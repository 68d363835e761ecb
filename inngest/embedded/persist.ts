const CONNECTION = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "57P01",
  "57P02",
  "57P03",
  "53300",
]);
const CONFLICT = new Set(["40001", "40P01"]);

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

/** Two transactions met; the same one will succeed when tried again. */
export const isConflict = (error: unknown): boolean => CONFLICT.has(codeOf(error));

/** The database is away or coming back. */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (CONNECTION.has(code) || code.startsWith("08")) return true;
  return (
    error instanceof Error &&
    /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable/i.test(
      error.message,
    )
  );
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Does `work` until the database took it: conflicts at once, outages with growing pauses for `patienceMs`. The fence in
 * the statements makes repeating harmless. Any other error is thrown.
 */
export async function persist<T>(work: () => Promise<T>, patienceMs = 120_000): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const again = isConflict(error) ? attempt < 10 : isOutage(error) && Date.now() < giveUpAt;
      if (!again) throw error;
      await pause(isConflict(error) ? 5 * attempt * Math.random() : Math.min(2000, 50 * 2 ** attempt));
    }
  }
}
