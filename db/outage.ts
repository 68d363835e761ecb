import { errorCode } from "@/lib/error-code";

/**
 * Says whether an error means that the database is away, coming back or full: never a defect of the statement, so the
 * same one may succeed later. Beside `client.ts`, not in it: the edge asks too, and must not load a driver.
 */
export function isOutage(error: unknown): boolean {
  const code = errorCode(error);
  if (/^(08|53|57P|25006|58030)/.test(code)) return true;
  if (
    /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOST|ENET|EMFILE|ENFILE|ENOBUFS|EADDRNOTAVAIL)/.test(code)
  )
    return true;
  return (
    error instanceof Error &&
    /connect (ENOENT|EAGAIN)\b|connection (terminated|ended|closed)|timeout exceeded|error connecting to database|HTTP status (429|5\d\d)|Client has encountered|not queryable|no space left on device|read-only file system/i.test(
      error.message,
    )
  );
}

/** Two transactions met, and this one was taken back whole: the same one will succeed when tried again. */
export const isConflict = (error: unknown): boolean => ["40001", "40P01"].includes(errorCode(error));

/** Whether the database says that its disk is full: it goes on by itself as soon as somebody makes room. */
export const isDiskFull = (error: unknown): boolean =>
  errorCode(error) === "53100" || (error instanceof Error && /no space left on device/i.test(error.message));
