import { log } from "@/lib/log";
import type { KnownLife } from "@/lib/runner/fleet/book";
import { sealRegistration } from "@/lib/runner/registration";

export type RegistrarOptions = {
  /** Waybill's origin. */
  at: string;
  token: string;
  /** What it is at the moment. */
  self: () => KnownLife;
  everyMs?: number;
};

const everyMs = 3_000;
const answerMs = 5_000;

/** Makes a runner known, again and again, to who gives steps. That nobody hears it is logged once, and ends nothing. */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #url: URL;
  readonly #timer: NodeJS.Timeout;
  #saying: Promise<void> | null = null;
  #problem: string | null = null;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#url = new URL("/api/runners", options.at);
    this.#timer = setInterval(() => void this.say(), options.everyMs ?? everyMs);
    this.#timer.unref();
    void this.say();
  }

  /** Says it now. Never throws. */
  say(): Promise<void> {
    this.#saying ??= this.#say().finally(() => {
      this.#saying = null;
    });
    return this.#saying;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #say(): Promise<void> {
    const problem = await this.#problemOfSaying();
    const { at } = this.#options;
    if (problem !== null && problem !== this.#problem)
      log.warn("The runner cannot make itself known", { at, problem });
    if (problem === null && this.#problem !== null) log.info("The runner is known again", { at });
    this.#problem = problem;
  }

  async #problemOfSaying(): Promise<string | null> {
    const { self, token } = this.#options;
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(sealRegistration(token, { ...self(), at: Date.now() })),
        redirect: "error",
        signal: AbortSignal.timeout(answerMs),
      });
      if (response.ok) {
        await response.body?.cancel();
        return null;
      }
      return `${response.status} ${sentenceIn(await response.text())}`;
    } catch (error) {
      return error instanceof Error ? causeOf(error) : String(error);
    }
  }
}

const maxShownChars = 300;

function sentenceIn(text: string): string {
  try {
    return String(JSON.parse(text).error.message).slice(0, maxShownChars);
  } catch {
    return text.slice(0, maxShownChars);
  }
}

/** What fetch hides behind "fetch failed". */
const causeOf = (error: Error): string =>
  error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
