import { errorCode } from "@/lib/error-code";

/**
 * Says whether an error means that the database is away, coming back or full: never a defect of the statement, so the
 * same one may succeed later. Beside `client.ts`, not in it: the edge asks too, and must not load a driver.
 */
export function isOutage(error: unknown): boolean {
  const code = errorCode(error);
  if (/^(08|53|57P|25006)/.test(code)) return true;
  if (/^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH)/.test(code)) return true;
  return (
    error instanceof Error &&
    /connection (terminated|ended|closed)|timeout exceeded|error connecting to database|HTTP status (429|5\d\d)|Client has encountered|not queryable/i.test(
      error.message,
    )
  );
}
