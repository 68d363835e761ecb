type Callback = (...given: unknown[]) => void;
type Begin = (act: unknown, ...rest: unknown[]) => unknown;

/** Which step runs, counted from 1; 0 while none has. What a timer was made in is what it belongs to. */
let current = 0;
let isRunning = false;

/** From now on a step runs. */
export function beginStep(): void {
  current += 1;
  isRunning = true;
}

/** Its time is over; what it left belongs to no step that comes. */
export function endStep(): void {
  isRunning = false;
}

const names = ["setTimeout", "setInterval", "setImmediate"] as const;

/**
 * Makes every timer of this process known by its step. Packages keep timers across steps, and mostly rightly, so they
 * run; but what an earlier step left is announced around its turn, promises that follow it included, so that the runner
 * can tell who holds the process up.
 */
export function watchTimers(announce: (isOver: boolean) => void): void {
  const afterwards = globalThis.setImmediate as unknown as Begin;
  const run = (made: number, act: Callback, given: unknown[]): void => {
    if (isRunning && made !== current && made !== 0) {
      announce(false);
      afterwards(() => announce(true));
    }
    act(...given);
  };
  for (const name of names) {
    const begin = globalThis[name] as unknown as Begin;
    const watched: Begin = (act, ...rest) => {
      const made = current;
      if (typeof act !== "function") return begin(act, ...rest);
      return begin((...given: unknown[]) => run(made, act as Callback, given), ...rest);
    };
    // `util.promisify` and its like find their own version there.
    Object.defineProperties(watched, Object.getOwnPropertyDescriptors(begin));
    Object.defineProperty(globalThis, name, {
      value: watched,
      configurable: true,
      writable: true,
      enumerable: true,
    });
  }
}
