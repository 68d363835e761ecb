type Options = {
  work: () => Promise<unknown>;
  /** Between the end of a round and the next, give or take a fifth, so that processes that started together part. */
  everyMs: number;
  onError?: ((error: unknown) => void) | undefined;
};

/** A round takes at most this share of the time, however long it takes. */
const share = 0.05;

/** Does something again and again, one round after the other. What a round throws is told, and the next one comes. */
export class Rounds {
  readonly #options: Options;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.#later(this.#options.everyMs);
  }

  /** Resolves when the round that is under way has ended; no other one comes. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #later(ms: number): void {
    if (this.#isStopped) return;
    const { work, everyMs, onError } = this.#options;
    this.#timer = setTimeout(
      () => {
        const begin = performance.now();
        this.#round = work()
          .catch((error: unknown) => onError?.(error))
          .then(() => this.#later(Math.max(everyMs, (performance.now() - begin) / share)));
      },
      ms * (0.8 + Math.random() * 0.4),
    );
  }
}
