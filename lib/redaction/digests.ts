import { redact } from "@/lib/crypto/redaction";
import { limits } from "@/lib/limits";

/** More values of one message are to be redacted than any may have. */
export class TooManyValues extends Error {}

/** How many are under way at once. */
const batch = 500;

/** The keyed digests of one message's values, each made once. */
export class Digests {
  readonly #key: CryptoKey;
  readonly #made = new Map<string, string>();

  constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** What stands in the place of each text. Throws `TooManyValues`. */
  async of(texts: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const missing: string[] = [];
    for (const text of new Set(texts)) if (!this.#made.has(text)) missing.push(text);
    if (this.#made.size + missing.length > limits.redactedValues) throw new TooManyValues();
    for (let at = 0; at < missing.length; at += batch)
      await Promise.all(
        missing.slice(at, at + batch).map(async (text) => {
          this.#made.set(text, await redact(this.#key, text));
        }),
      );
    return this.#made;
  }

  async one(text: string): Promise<string> {
    return (await this.of([text])).get(text) ?? "";
  }
}

/** A value as the text that its digest is made of: texts as they are, numbers and words as JSON has them, others in one order of keys. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(inOrder(value));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, inOrder(member)]));
}

/** A part of a text that makes way: for what stands for `value`, as it is to be written there; for nothing when that is null. */
export type Cut = { start: number; end: number; value: string | null; as?: (redacted: string) => string };

/** The text with its parts, which are in order, cut. */
export async function withCuts(text: string, cuts: readonly Cut[], digests: Digests): Promise<string> {
  const values = cuts.flatMap(({ value }) => (value === null ? [] : [value]));
  const made = await digests.of(values);
  let out = "";
  let copied = 0;
  for (const { start, end, value, as } of cuts) {
    const redacted = value === null ? "" : (made.get(value) ?? "");
    out += text.slice(copied, start) + (as && value !== null ? as(redacted) : redacted);
    copied = end;
  }
  return out + text.slice(copied);
}
