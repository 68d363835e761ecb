/** Asks for a run, and waits for what is under way. */
export type Coalesced = {
  /** Starts a run now, or has one more follow when one is under way: any number of calls meanwhile make one. */
  ask(): void;
  /** Resolves when nothing runs any more, at once when nothing does. */
  idle(): Promise<void>;
};

/** Has `run` happen one at a time, and once more when it was asked for meanwhile. What it throws is dropped. */
export function coalesce(run: () => Promise<unknown>): Coalesced {
  let isAsked = false;
  let isRunning = false;
  let running: Promise<void> = Promise.resolve();
  const runWhileAsked = async () => {
    isRunning = true;
    while (isAsked) {
      isAsked = false;
      try {
        await run();
      } catch {
        // Whoever wants to know of it catches it in `run`.
      }
    }
    isRunning = false;
  };
  return {
    ask() {
      isAsked = true;
      if (!isRunning) running = runWhileAsked();
    },
    idle: () => running,
  };
}

/** The same for a run that takes what it was asked for with: all that was gathered since the last one began. */
export function coalesceItems<T>(run: (gathered: T[]) => Promise<unknown>): (item: T) => void {
  let waiting: T[] = [];
  const runs = coalesce(() => {
    const gathered = waiting;
    waiting = [];
    return run(gathered);
  });
  return (item) => {
    waiting.push(item);
    runs.ask();
  };
}
