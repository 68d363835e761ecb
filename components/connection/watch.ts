/**
 * `offline`: the browser says so, or the server cannot be reached. `silent`: it has not answered for a while, so that
 * nobody knows.
 */
export type Connection = "ok" | "silent" | "offline";

export type Surroundings = {
  /** Resolves with any answer of the server; throws when it cannot be reached, or when the signal aborts. */
  ask: (signal: AbortSignal) => Promise<unknown>;
  now: () => number;
  /** False when the browser knows that there is no network. */
  isNetworkUp: () => boolean;
};

/** Nothing heard for so long: the server is asked. */
const quietMs = 1_400;
/** No answer to that for so long: it is silent. With `tickMs` less than three seconds after the last word. */
const answerMs = 1_200;
export const tickMs = 250;
/** A change that waits for a silent server is given up after so long: it must not be sent when nobody expects it. */
const patienceMs = 10_000;

/**
 * Whether the server can be reached, from all that is heard of it: answers, the beats of the live stream, and while
 * there is neither, what comes of asking.
 */
export class ConnectionWatch {
  readonly #around: Surroundings;
  readonly #listeners = new Set<() => void>();
  #heardAt: number;
  #isAsking = false;
  #lost = new AbortController();
  state: Connection = "ok";

  constructor(around: Surroundings) {
    this.#around = around;
    this.#heardAt = around.now();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether it is known that nothing can be sent. */
  get isDown(): boolean {
    return this.state === "offline" || !this.#around.isNetworkUp();
  }

  /** When the server was last heard, in milliseconds as `now` counts. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Aborts when what is under way is to be given up: there is no connection, or none that answers. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The server said something. */
  heard(): void {
    this.#heardAt = this.#around.now();
    if (this.#around.isNetworkUp()) this.#become("ok");
  }

  /** Something went wrong, or the browser says that the network changed: finds out. */
  async suspect(): Promise<void> {
    if (!this.#around.isNetworkUp()) return this.#become("offline");
    await this.#ask();
  }

  /** To be called every `tickMs` while the page is looked at. */
  tick(): void {
    const quiet = this.#around.now() - this.#heardAt;
    if (this.state !== "ok" && quiet > patienceMs) this.#giveUp();
    if (!this.#around.isNetworkUp()) this.#become("offline");
    else if (quiet > quietMs) void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const signal = AbortSignal.timeout(answerMs);
    try {
      await this.#around.ask(signal);
      this.heard();
    } catch {
      this.#become(signal.aborted && this.#around.isNetworkUp() ? "silent" : "offline");
    } finally {
      this.#isAsking = false;
    }
  }

  #giveUp(): void {
    this.#lost.abort();
    this.#lost = new AbortController();
  }

  #become(state: Connection): void {
    if (state === this.state) return;
    this.state = state;
    if (state === "offline") this.#giveUp();
    for (const listener of this.#listeners) listener();
  }
}
