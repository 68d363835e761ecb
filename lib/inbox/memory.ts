import { LruMap } from "@/lib/lru-map";
import type { RefusedOf } from "@/lib/words";
import type { UrlRules } from "./statement";

/** Digests of the credentials that a request brought. */
type Sender = { apiDigest: string | null; basicDigests: string[] };

/** How many URLs are remembered. */
const maxUrls = 50_000;

/**
 * What one process remembers of URLs between requests. It saves statements and may be wrong or empty: rules are told to
 * the statement, which says when they are others by now; that a URL is full is believed for the seconds that the
 * statement has named, and only of those who would be let in, so that nobody else learns that it exists.
 */
export class DoorMemory {
  readonly #rules = new LruMap<string, UrlRules>(maxUrls);
  readonly #full = new LruMap<string, number>(maxUrls);

  readonly #noRoom = new LruMap<string, number>(maxUrls);

  /** The rules of the first of these that is known. */
  rulesOf(urls: string[]): UrlRules | null {
    for (const url of urls) {
      const rules = this.#rules.get(url);
      if (rules) return rules;
    }
    return null;
  }

  setRules(urlId: string, rules: UrlRules | null): void {
    if (rules) this.#rules.set(urlId, rules);
    else this.#rules.delete(urlId);
  }

  /** The seconds until this sender may send to the first of these URLs that is known again; undefined when it may now, as far as is known. */
  fullFor(urls: string[], sender: Sender, nowMs = performance.now()): number | undefined {
    for (const key of urls.flatMap((url) => [url, keyOf(url, sender)])) {
      const endsAt = this.#full.get(key);
      if (endsAt === undefined) continue;
      if (endsAt > nowMs) return Math.ceil((endsAt - nowMs) / 1000);
      this.#full.delete(key);
    }
    return undefined;
  }

  /** `sender`: whose credentials were right; null at a URL that is open to everybody. */
  setFull(urlId: string, sender: Sender | null, seconds: number, nowMs = performance.now()): void {
    if (sender && !sender.apiDigest && sender.basicDigests.length === 0) return;
    this.#full.set(sender ? keyOf(urlId, sender) : urlId, nowMs + seconds * 1000);
  }

  /** Whether there is room to keep refused requests of this kind, as far as is known. */
  hasRoom(urlId: string, of: RefusedOf, nowMs = performance.now()): boolean {
    return (this.#noRoom.get(`${urlId} ${of}`) ?? 0) <= nowMs;
  }

  setNoRoom(urlId: string, of: RefusedOf, nowMs = performance.now()): void {
    this.#noRoom.set(`${urlId} ${of}`, nowMs + noRoomMs);
  }
}

/** How long it is believed that there is no room: rows are forgotten every minute. */
const noRoomMs = 60_000;

const keyOf = (urlId: string, { apiDigest, basicDigests }: Sender): string =>
  [urlId, apiDigest, ...basicDigests].join(" ");
