/**
 * Runs one at a time: calls that come while it runs are gathered into one more run after it, so that a flood of hints
 * neither starves a slow request nor queues up behind it.
 */
export function coalesce<T>(run: (gathered: T[]) => Promise<unknown>): (item: T) => void {
  let waiting: T[] = [];
  let isRunning = false;
  const next = async () => {
    isRunning = true;
    while (waiting.length > 0) {
      const gathered = waiting;
      waiting = [];
      await run(gathered).catch(() => undefined);
    }
    isRunning = false;
  };
  return (item) => {
    waiting.push(item);
    if (!isRunning) void next();
  };
}
