import { Document, isNode, visit } from "yaml";
import { hyphenated } from "@/lib/portability/keys";
import { isRecord, MapReader } from "@/lib/portability/reader";
import type { Note } from "@/lib/portability/report";
import { nodeIn, type SpecProblem, type YamlSource } from "@/lib/portability/yaml";

/** What was found while a file was read. */
export type Found = { problems: SpecProblem[]; notes: Note[] };

type Place = { file: string | null; line: number | null };

/** A document of the v1 grammar that is put together from other files, and where each part of it stands in them. */
export class Draft {
  readonly #root = new Map<string, unknown>();
  readonly #places = new Map<string, Place>();

  /**
   * Puts a value under the keys of `path`, and says where it was read: what `at` reads, or its `field`. Values that are
   * undefined or null are left out.
   */
  put(path: readonly string[], value: unknown, at: MapReader, field?: string): void {
    if (value === undefined || value === null) return;
    let map = this.#root;
    for (const key of path.slice(0, -1)) {
      const inner = map.get(key);
      const next = inner instanceof Map ? inner : new Map<string, unknown>();
      if (inner !== next) map.set(key, next);
      map = next;
    }
    map.set(path.at(-1) ?? "", value);
    this.#places.set(keyOf(path), at.placeOf(field));
  }

  /** Puts an empty map there unless there is one. */
  open(path: readonly string[], at: MapReader): void {
    if (!this.has(path)) this.put(path, new Map(), at);
  }

  has(path: readonly string[]): boolean {
    let map: unknown = this.#root;
    for (const key of path) {
      if (!(map instanceof Map) || !map.has(key)) return false;
      map = map.get(key);
    }
    return true;
  }

  /** Returns a reader of the whole, whose problems and notes name the places in the files. */
  reader(found: Found): MapReader {
    const document = new Document(this.#root, { aliasDuplicateObjects: false });
    const placeOf = (path: readonly string[]): Place => {
      for (let length = path.length; length > 0; length--) {
        const place = this.#places.get(keyOf(path.slice(0, length)));
        if (place) return place;
      }
      return { file: null, line: null };
    };
    const source: YamlSource = {
      document,
      lineOf: (path) => placeOf(path).line,
      file: (path) => placeOf(path).file,
      nodeAt: (path) => nodeIn(document, path),
    };
    const data: unknown = document.toJS();
    return new MapReader(source, found, [], isRecord(data) ? data : {});
  }
}

const keyOf = (path: readonly string[]): string => JSON.stringify(path);

/** The value under a field as it was written, for a draft: its digits are kept where no alias stands in it. */
export function written(reader: MapReader, field: string): unknown {
  const node = reader.node(field);
  if (!isNode(node)) return reader.raw(field);
  let hasAlias = false;
  visit(node, {
    Alias() {
      hasAlias = true;
      return visit.BREAK;
    },
  });
  return hasAlias ? reader.raw(field) : node;
}

/** Gives each thing a key of its own, as OpenFn's command line makes them of names: spaces become hyphens. */
export class Keys {
  readonly #taken = new Set<string>();

  /** `name` as a key, or `other` where another thing has it. */
  of(name: string, other: string): string {
    const key =
      [hyphenated(name), other].find((one) => one !== "" && !this.#taken.has(one)) ?? this.#numbered(other);
    this.#taken.add(key);
    return key;
  }

  #numbered(key: string): string {
    let n = 2;
    while (this.#taken.has(`${key}-${n}`)) n++;
    return `${key}-${n}`;
  }
}
