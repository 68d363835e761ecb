import { LruMap } from "@/lib/lru-map";
import type { PublishedVersions } from "@/lib/runner/contract";
import { AdaptorInstallError } from "./errors";
import type { NpmSettings } from "./npm";
import { lookUpPublished } from "./registry";

type Asked = { at: number; answer: Promise<PublishedVersions> };

/** What was published since is not seen before then. */
const freshMs = 300_000;
const maxRemembered = 200;
const maxAsking = 4;

/** What the registry has of adaptors: asked once for all who want to know meanwhile, and remembered for a while. */
export class PublishedLists {
  readonly #asked = new LruMap<string, Asked>(maxRemembered);
  #asking = 0;

  constructor(
    readonly settings: NpmSettings,
    readonly lookUp = lookUpPublished,
  ) {}

  /** Throws AdaptorInstallError when the registry cannot be asked; the next call asks again. */
  of(name: string, now = Date.now()): Promise<PublishedVersions> {
    const known = this.#asked.get(name);
    if (known && now - known.at < freshMs) return known.answer;
    if (this.#asking >= maxAsking)
      return Promise.reject(
        new AdaptorInstallError(
          "busy",
          "Many adaptors are being looked up at the moment. Try again in a minute.",
        ),
      );
    this.#asking += 1;
    const answer = this.lookUp(name, this.settings).finally(() => {
      this.#asking -= 1;
    });
    this.#asked.set(name, { at: now, answer });
    answer.catch(() => this.#asked.delete(name));
    return answer;
  }
}
