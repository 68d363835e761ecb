/** Something took longer than it was granted. */
export class LateError extends Error {
  constructor(ms: number) {
    super(`No answer within ${ms / 1000} s.`);
    this.name = "LateError";
  }
}

/** What `coming` brings within `ms` milliseconds. Throws LateError after them; what comes of it then is nobody's. */
export async function inTime<T>(coming: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(ms)), ms);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same for what may be late: undefined then. */
export const within = <T>(coming: Promise<T>, ms: number): Promise<T | undefined> =>
  inTime(coming, ms).catch((error: unknown) => {
    if (error instanceof LateError) return undefined;
    throw error;
  });
