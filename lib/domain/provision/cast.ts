import { unstorable } from "@/lib/domain/fields";
import { isStorable } from "@/lib/text";
import { blank, isInvalid, isRaw, isUuid, type Raw } from "./payload";

/** Says what is wrong with a field of the record that is read. */
export type Complain = (field: string, message: string) => void;

/**
 * Reads fields of a record that was sent, as OpenFn's server does: what was left out stays as it is (`old`), an empty
 * text is none, and what is of another kind is invalid and stays as it is.
 */
export class Fields {
  readonly #raw: Raw;
  readonly #complain: Complain;

  constructor(raw: Raw, complain: Complain) {
    this.#raw = raw;
    this.#complain = complain;
  }

  has(field: string): boolean {
    return this.#raw[field] !== undefined;
  }

  /** A text that there has to be: an empty one is left for whoever checks the whole. */
  text(field: string, old: string): string {
    return this.optionalText(field, old) ?? "";
  }

  optionalText(field: string, old: string | null): string | null {
    const value = this.#raw[field];
    if (typeof value !== "string" || isStorable(value))
      return this.#read(field, old, (one) => (typeof one === "string" ? one || null : undefined));
    this.#complain(field, unstorable);
    return old;
  }

  flag(field: string, old: boolean): boolean {
    return this.optionalFlag(field, old) ?? old;
  }

  optionalFlag(field: string, old: boolean | null): boolean | null {
    return this.#read(field, old, (value) =>
      typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : undefined,
    );
  }

  number(field: string, old: number | null): number | null {
    return this.#read(field, old, (value) => (typeof value === "number" ? value : undefined));
  }

  id(field: string, old: string | null): string | null {
    return this.#read(field, old, (value) =>
      value === "" ? null : isUuid(value) ? value.toLowerCase() : undefined,
    );
  }

  /** One of a list of words. */
  word<W extends string>(field: string, old: W | null, words: readonly W[]): W | null {
    const value = this.optionalText(field, old);
    const word = words.find((one) => one === value);
    if (value === null || word !== undefined) return word ?? null;
    this.#complain(field, `${isInvalid}. Known: ${words.join(", ")}.`);
    return old;
  }

  /** The same where there has to be one. */
  requiredWord<W extends string>(field: string, old: W, words: readonly W[]): W {
    const value = this.word(field, old, words);
    if (value !== null) return value;
    this.#complain(field, blank);
    return old;
  }

  /** A map, as `toValue` reads it. */
  map<T>(field: string, old: T | null, toValue: (raw: Raw) => T): T | null {
    return this.#read(field, old, (value) => (isRaw(value) ? toValue(value) : undefined));
  }

  /** Anything, and `old` where nothing was said. */
  any<T>(field: string, old: T): T {
    return this.has(field) ? (this.#raw[field] as T) : old;
  }

  #read<T>(field: string, old: T | null, toValue: (value: unknown) => T | null | undefined): T | null {
    const value = this.#raw[field];
    if (value === undefined) return old;
    if (value === null) return null;
    const read = toValue(value);
    if (read !== undefined) return read;
    this.#complain(field, isInvalid);
    return old;
  }
}
