import { isStorable } from "@/lib/text";
import { maxProblems, type SpecProblem, type YamlSource } from "./yaml";

/** Reads values of one map of the document and collects what is wrong with them, each at its line. */
export class MapReader {
  readonly #source: YamlSource;
  readonly #map: Record<string, unknown>;

  constructor(
    source: YamlSource,
    readonly problems: SpecProblem[],
    readonly path: readonly string[],
    map: Record<string, unknown>,
  ) {
    this.#source = source;
    this.#map = map;
  }

  /** The last key of the path: what the thing is called in the file. */
  get key(): string {
    return this.path.at(-1) ?? "project";
  }

  problem(message: string, field?: string, path?: string): void {
    if (this.problems.length >= maxProblems) return;
    const at = field === undefined ? this.path : [...this.path, field];
    this.problems.push({ path: path ?? (at.join("/") || "project"), message, line: this.#source.lineOf(at) });
  }

  has(field: string): boolean {
    return this.#map[field] !== undefined && this.#map[field] !== null;
  }

  raw(field: string): unknown {
    return this.#map[field] ?? null;
  }

  /** YAML reads `true` and `1` as other types; as text they are what was written. */
  text(field: string): string | null {
    const value = this.raw(field);
    if (value === null) return null;
    if (typeof value === "string") return this.storable(field, value);
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    this.problem(`${field} of ${this.key} must be a text.`, field);
    return null;
  }

  /** The text, unless the database could not keep it. */
  storable(field: string, value: string): string {
    if (!isStorable(value))
      this.problem(`${field} of ${this.key} holds a NUL character or half a character. Remove it.`, field);
    return value;
  }

  flag(field: string): boolean | null {
    const value = this.raw(field);
    if (value === null || typeof value === "boolean") return value;
    this.problem(`${field} of ${this.key} must be true or false.`, field);
    return null;
  }

  whole(field: string): number | null {
    const value = this.raw(field);
    if (value === null || (typeof value === "number" && Number.isInteger(value))) return value;
    this.problem(`${field} of ${this.key} must be a whole number.`, field);
    return null;
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T | null {
    const value = this.text(field);
    const found = allowed.find((one) => one === value);
    if (value !== null && found === undefined)
      this.problem(`${field} of ${this.key} is "${value}". Use ${allowed.join(", ")}.`, field);
    return found ?? null;
  }

  /** Readers of a map of maps, by key and in the file's order. */
  entries(field: string): [string, MapReader][] {
    const value = this.raw(field);
    if (value === null) return [];
    if (!isRecord(value)) {
      this.problem(`${field} of ${this.key} must be a map.`, field);
      return [];
    }
    return Object.keys(value).flatMap((key): [string, MapReader][] => {
      const path = [...this.path, field, key];
      const entry = value[key];
      if (!isStorable(key))
        this.problem(`A key in ${field} of ${this.key} holds a NUL character. Remove it.`, field);
      if (isRecord(entry)) return [[key, new MapReader(this.#source, this.problems, path, entry)]];
      new MapReader(this.#source, this.problems, path, {}).problem(`${key} must be a map.`);
      return [];
    });
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
