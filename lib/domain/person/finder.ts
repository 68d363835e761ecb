import { type ExactJson, ExactNumber, parseExact } from "@/lib/exact-json";
import { type JsonPath, JsonPathError, parseJsonPath } from "@/lib/json-path";
import { excerptOf } from "@/lib/search/excerpt";
import { fold } from "@/lib/search/fold";
import { withoutEscapes } from "@/lib/search/spelling";
import { literalTerm, type Term } from "@/lib/search/terms";
import { spellingsOf } from "./spellings";

/**
 * What a person is known by: a text, looked for everywhere, or the value at a path of a message (`$.data…`, `$.headers…`,
 * `$.query…`) or of a state (`$.data…`). `isPart`: the text may be part of a longer word or number.
 */
export type PersonKey = { text: string; isPart: boolean } | { path: string; value: string };

/** Where a key was found: what stands around it. */
export type Found = { excerpt: string };

type PathKey = { path: JsonPath; values: ReadonlySet<string> };

/** Looks for a person's keys, also in the form in which they were redacted at intake. */
export class Finder {
  readonly #terms: Term[];
  readonly #paths: PathKey[];

  constructor(terms: Term[], paths: PathKey[]) {
    this.#terms = terms;
    this.#paths = paths;
  }

  /** `redacted` gives the form in which a value was stored where its path is redacted. Throws `JsonPathError`. */
  static async of(keys: readonly PersonKey[], redacted: (text: string) => Promise<string>): Promise<Finder> {
    const terms: Term[] = [];
    const paths: PathKey[] = [];
    for (const key of keys) {
      if ("path" in key) {
        const values = new Set([key.value, await redacted(key.value)].map(comparable));
        paths.push({ path: parseJsonPath(key.path), values });
        continue;
      }
      terms.push(...spellingsOf(key.text).map((text) => termOf(text, key.isPart)));
      terms.push(termOf(await redacted(key.text), true));
    }
    return new Finder(terms, paths);
  }

  /** Whether it looks at the values of states and messages, and not for texts alone. */
  get hasPaths(): boolean {
    return this.#paths.length > 0;
  }

  /** In a text of which nothing is known. */
  text(text: string): Found | null {
    if (text === "" || this.#terms.length === 0) return null;
    const folded = fold(text);
    const here = this.#terms.filter((term) => term.find(folded));
    return here.length > 0 ? { excerpt: excerptOf(text, here) } : null;
  }

  /** Whether a text holds a value that is looked for by a path. */
  names(text: string): boolean {
    const folded = fold(text);
    return this.#paths.some(({ values }) => [...values].some((value) => folded.includes(value)));
  }

  /** In JSON text, also as its escapes read. */
  async json(text: string): Promise<Found | null> {
    const read = await withoutEscapes("json", text);
    return (read === undefined ? null : this.text(read)) ?? this.text(text);
  }

  /** In a stored state. */
  async state(text: string): Promise<Found | null> {
    const found = await this.json(text);
    if (found || !this.hasPaths) return found;
    return this.values(parsed(text));
  }

  /** By the paths, in data. */
  values(data: unknown): Found | null {
    for (const { path, values } of this.#paths)
      for (const value of valuesAt(path, data)) {
        const text = textOf(value);
        if (text !== undefined && values.has(comparable(text)))
          return { excerpt: `${path.text} = ${text.slice(0, 100)}` };
      }
    return null;
  }
}

/** JSON data, numbers as they are written; undefined for what is none. */
export function parsed(text: string): ExactJson | undefined {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

const comparable = (text: string): string => fold(text.trim());

function valuesAt(path: JsonPath, data: unknown): unknown[] {
  try {
    return path.values(data);
  } catch (error) {
    // Data that is deeper than paths go.
    if (error instanceof JsonPathError || error instanceof RangeError) return [];
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value instanceof ExactNumber ? value.written : undefined;
}

const isLetter = /[\p{L}\p{N}]/u;
/** What stands for another sign, and ends in a letter or number: `%20`, `\n`, `\u00e9`. */
const escapeBefore = /(?:%[0-9a-f]{2}|\\[a-z]|\\u[0-9a-f]{4})$/;

/** A term that stands for itself and, unless it may be part of a word, not within one. */
function termOf(text: string, isPart: boolean): Term {
  const plain = literalTerm(text);
  if (isPart) return plain;
  return {
    ...plain,
    find(folded, from = 0) {
      for (let hit = plain.find(folded, from); hit; hit = plain.find(folded, hit.start + 1))
        if (isWhole(folded, hit.start, hit.end)) return hit;
      return undefined;
    },
  };
}

function isWhole(folded: string, start: number, end: number): boolean {
  const [first = "", last = ""] = [charAt(folded, start), charBefore(folded, end)];
  const before = charBefore(folded, start);
  const joinsBefore = isLetter.test(first) && isLetter.test(before);
  if (joinsBefore && !escapeBefore.test(folded.slice(Math.max(0, start - 6), start))) return false;
  return !(isLetter.test(last) && isLetter.test(charAt(folded, end)));
}

const charAt = (text: string, place: number): string => String.fromCodePoint(text.codePointAt(place) ?? 0x20);

function charBefore(text: string, place: number): string {
  const low = text.charCodeAt(place - 1);
  const isPair = low >= 0xdc00 && low <= 0xdfff && place > 1;
  return text.slice(place - (isPair ? 2 : 1), place);
}
