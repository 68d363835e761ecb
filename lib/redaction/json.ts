import { exactNumber } from "@/lib/exact-json";
import { closingQuote, decoded } from "@/lib/json-text";
import { type Cut, valueText } from "./digests";
import { type Mark, saysNothing } from "./marks";

type Span = { start: number; end: number };

const quoted = (text: string): string => JSON.stringify(text);

/**
 * What is cut out of JSON text, which must be valid: the marked places, and, of a key that comes several times in one
 * object, all but the last: no reader sees them, so no path tells what they hold.
 */
export function jsonCuts(text: string, mark: Mark): Cut[] {
  return new JsonText(text).cuts(mark);
}

class JsonText {
  #at = 0;
  #cuts: Cut[] = [];

  constructor(readonly text: string) {}

  cuts(mark: Mark): Cut[] {
    this.#value(mark);
    return this.#cuts;
  }

  #value(mark: Mark | undefined): void {
    this.#space();
    const start = this.#at;
    const before = this.#cuts.length;
    const first = this.text[start];
    const inner = mark?.isWhole ? undefined : mark;
    if (first === "{") this.#object(inner);
    else if (first === "[") this.#list(inner);
    else if (first === '"') this.#at = this.#stringEnd();
    else this.#at = this.#scalarEnd();
    if (mark?.isWhole) this.#cut(start, before);
  }

  /** What was cut in it since `before` goes with it. */
  #cut(start: number, before: number, end = this.#at): void {
    this.#cuts.splice(before);
    const value = valueAt(this.text.slice(start, end));
    if (value !== undefined) this.#cuts.push({ start, end, value, as: quoted });
  }

  #object(mark: Mark | undefined): void {
    const members = new Map<string, Span>();
    const repeated: Span[] = [];
    const before = this.#cuts.length;
    this.#at += 1;
    while (this.#at < this.text.length) {
      this.#space();
      const sign = this.text[this.#at];
      if (sign === "}") break;
      if (sign === ",") {
        this.#at += 1;
        continue;
      }
      const key = this.#key();
      const start = this.#at;
      this.#value(mark?.inner.get(key));
      const earlier = members.get(key);
      if (earlier) repeated.push(earlier);
      members.set(key, { start, end: this.#at });
    }
    this.#at += 1;
    if (repeated.length > 0) this.#cutRepeated(before, repeated);
  }

  /** Reads a key and its colon. */
  #key(): string {
    const start = this.#at;
    this.#at = this.#stringEnd();
    const key = decoded(this.text.slice(start, this.#at));
    this.#space();
    this.#at += 1;
    this.#space();
    return key;
  }

  /** Cuts whole members, among the cuts from `before` on, of which those in them go. */
  #cutRepeated(before: number, repeated: Span[]): void {
    const cuts = this.#cuts.splice(before);
    let next = 0;
    for (const { start, end } of repeated.sort((a, b) => a.start - b.start)) {
      for (let cut = cuts[next]; cut && cut.start < end; cut = cuts[++next])
        if (cut.start < start) this.#cuts.push(cut);
      this.#cut(start, this.#cuts.length, end);
    }
    this.#cuts.push(...cuts.slice(next));
  }

  #list(mark: Mark | undefined): void {
    this.#at += 1;
    let item = 0;
    while (this.#at < this.text.length) {
      this.#space();
      const sign = this.text[this.#at];
      if (sign === "]") break;
      if (sign === ",") this.#at += 1;
      else this.#value(mark?.inner.get(item++));
    }
    this.#at += 1;
  }

  #space(): void {
    let code = this.text.charCodeAt(this.#at);
    while (code === 32 || code === 10 || code === 13 || code === 9) code = this.text.charCodeAt(++this.#at);
  }

  #stringEnd(): number {
    return closingQuote(this.text, this.#at) + 1;
  }

  #scalarEnd(): number {
    let at = this.#at;
    for (; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 44 || code === 93 || code === 125 || code <= 32) break;
    }
    return Math.max(at, this.#at + 1);
  }
}

/** The text of a value as it is written; undefined for one that says nothing. */
function valueAt(written: string): string | undefined {
  const isNumber = /^-?\d/.test(written);
  if (isNumber) return String(exactNumber(written));
  const value: unknown = JSON.parse(written);
  return saysNothing(value) ? undefined : valueText(value);
}
