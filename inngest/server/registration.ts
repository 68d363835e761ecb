import type { InngestApi } from "./api";
import type { ServedFunctions } from "./functions";

const usualPauseMs = 10_000;

type Options = {
  api: InngestApi;
  served: ServedFunctions;
  onError: (error: unknown) => void;
  /** How Inngest is told, when not by a request: a connection tells it as it begins. */
  registerFunctions?: () => Promise<void>;
  everyMs?: number;
};

/** Keeps Inngest knowing our functions: at the start, and again when it has forgotten them or knows another release's. */
export class Registration {
  readonly #options: Options;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Said once for each time that it fails. */
  #hasComplained = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Looks now and from then on. Resolves after the first look, whatever it found; never rejects. */
  start(): Promise<void> {
    const looking = this.look()
      .catch((error: unknown) => this.#complain(error))
      .then(() => {
        if (!this.#isStopped)
          this.#timer = setTimeout(() => void this.start(), this.#options.everyMs ?? usualPauseMs);
      });
    this.#looking = looking;
    return looking;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Registers what Inngest does not know. Returns whether it had to. Throws when Inngest does not take it. */
  async look(): Promise<boolean> {
    const { api, served, registerFunctions = () => served.register() } = this.#options;
    const { kind } = await served.standing(api);
    if (kind !== "unregistered" && kind !== "outdated") {
      if (kind === "ready") this.#hasComplained = false;
      return false;
    }
    await registerFunctions();
    this.#hasComplained = false;
    return true;
  }

  #complain(error: unknown): void {
    if (!this.#hasComplained) this.#options.onError(error);
    this.#hasComplained = true;
  }
}
