type Callback = (...given: unknown[]) => void;
type Timer = ReturnType<typeof setTimeout>;

/** The timers of one step: cleared when it ends, so that nothing of it runs in the next. */
export class JobTimers {
  readonly #live = new Set<Timer>();

  functions(): Record<string, unknown> {
    const start =
      (begin: typeof setTimeout, isRepeated: boolean) =>
      (act: unknown, delayMs?: number, ...given: unknown[]) => {
        if (typeof act !== "function") throw new TypeError("The callback of a timer must be a function");
        const timer: Timer = begin(
          (...values: unknown[]) => {
            if (!isRepeated) this.#live.delete(timer);
            (act as Callback)(...values);
          },
          delayMs,
          ...given,
        );
        this.#live.add(timer);
        return timer;
      };
    const stop = (timer: Timer) => {
      this.#live.delete(timer);
      clearTimeout(timer);
    };
    return {
      setTimeout: start(setTimeout, false),
      setInterval: start(setInterval as unknown as typeof setTimeout, true),
      clearTimeout: stop,
      clearInterval: stop,
    };
  }

  clear(): void {
    for (const timer of this.#live) clearTimeout(timer);
    this.#live.clear();
  }
}
