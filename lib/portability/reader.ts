import { isScalar, type Node } from "yaml";
import { nearest } from "@/lib/settings/nearest.mjs";
import { isStorable } from "@/lib/text";
import { type Level, unknownKey } from "./grammar";
import { type Note, placeText } from "./report";
import { maxProblems, type SpecProblem, type YamlSource } from "./yaml";

/** Reads values of one map of the document and collects what is wrong with them, each at its line. */
export class MapReader {
  readonly #source: YamlSource;
  readonly #map: Record<string, unknown>;

  constructor(
    source: YamlSource,
    readonly found: { problems: SpecProblem[]; notes: Note[] },
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

  /** Where it stands, or where one of its fields does. */
  placeOf(field?: string): { file: string | null; line: number | null } {
    return this.at(field === undefined ? this.path : [...this.path, field]);
  }

  /** Where the deepest key of a path from the top stands. */
  at(path: readonly string[]): { file: string | null; line: number | null } {
    return { file: this.#source.file?.(path) ?? null, line: this.#source.lineOf(path) };
  }

  /** The same as a text for the report. */
  placeText(path: readonly string[]): string {
    return placeText(path, this.#source);
  }

  problem(message: string, field?: string, path?: string): void {
    const { problems } = this.found;
    if (problems.length >= maxProblems) return;
    const at = field === undefined ? this.path : [...this.path, field];
    const { file, line } = this.placeOf(field);
    problems.push({
      path: path ?? (at.join("/") || "project"),
      message,
      line,
      ...(file === null ? {} : { file }),
    });
  }

  /** Says in the report that something was read otherwise than it is written. */
  note(level: Level, field: string, said: string): void {
    this.found.notes.push({
      level: level.thing,
      key: field,
      path: [...this.path, field],
      said,
      source: this.#source,
    });
  }

  /** The same of the whole thing. What is said alike of several is told once. */
  noteAll(level: Level, said: string): void {
    this.found.notes.push({ level: level.thing, key: "", path: [...this.path], said, source: this.#source });
  }

  /**
   * Refuses keys that seem to be misspelt ones of the level, and notes those that have no effect: unknown ones, OpenFn's,
   * of which empty ones say nothing, and `x-…`, where notes and anchors may stand.
   */
  keys(level: Level): void {
    for (const [key, value] of Object.entries(this.#map)) {
      if (level.obeyed.includes(key)) continue;
      if (key.startsWith("x-")) {
        this.note(level, key, "Keys that begin with x- have no effect.");
        continue;
      }
      const refused = ownOf(level.refused, key);
      const unobeyed = ownOf(level.unobeyed, key);
      if (refused !== undefined) {
        if (!isEmpty(value)) this.problem(refused, key);
      } else if (unobeyed === undefined) {
        const { said, isMeant } = unknownKey(key, level);
        if (isMeant) this.problem(said, key);
        else this.note(level, key, `${said} It has no effect and was left out.`);
      } else if (!isEmpty(value) && unobeyed !== "") this.note(level, key, unobeyed);
    }
  }

  /** Its keys, in the file's order. */
  get fields(): string[] {
    return Object.keys(this.#map);
  }

  has(field: string): boolean {
    return this.#map[field] !== undefined && this.#map[field] !== null;
  }

  raw(field: string): unknown {
    return this.#map[field] ?? null;
  }

  /** YAML reads `true` and `1.10` as other types; as text they are what was written. */
  text(field: string): string | null {
    const value = this.raw(field);
    if (value === null) return null;
    if (typeof value === "string") return this.storable(field, value);
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") {
      const node = this.#source.nodeAt([...this.path, field]);
      return (isScalar(node) ? node.source : undefined) ?? String(value);
    }
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
    this.problem(`${field} of ${this.key} must be true or false, without quotes.`, field);
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
    if (value !== null && found === undefined) {
      const meant = nearest(value, allowed);
      const ask = meant ? ` Did you mean ${meant}?` : "";
      this.problem(`${field} of ${this.key} is "${value}". Use ${allowed.join(", ")}.${ask}`, field);
    }
    return found ?? null;
  }

  /** A reader of a map that stands under a field. */
  within(field: string, map: Record<string, unknown>): MapReader {
    return new MapReader(this.#source, this.found, [...this.path, field], map);
  }

  /** The data under a field, after its node was looked into. */
  dataOf(node: Node): unknown {
    return node.toJS(this.#source.document);
  }

  /** The node under a field, as it was written. */
  node(field: string): Node | null {
    return this.#source.nodeAt([...this.path, field]);
  }

  /** Readers of a list of maps, in order; the path of each has its place in the list, from 0. */
  items(field: string): MapReader[] {
    const value = this.raw(field);
    if (value === null) return [];
    if (!Array.isArray(value)) {
      this.problem(`${field} of ${this.key} must be a list.`, field);
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      const path = [...this.path, field, String(index)];
      if (isRecord(item)) return [new MapReader(this.#source, this.found, path, item)];
      new MapReader(this.#source, this.found, path, {}).problem(`An item of ${field} must be a map.`);
      return [];
    });
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
      if (isRecord(entry)) return [[key, new MapReader(this.#source, this.found, path, entry)]];
      new MapReader(this.#source, this.found, path, {}).problem(`${key} must be a map.`);
      return [];
    });
  }
}

const ownOf = (words: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(words, key) ? words[key] : undefined;

/** Nothing is lost with it. */
const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
