import { isMap, isSeq, type YAMLMap } from "yaml";
import { limits, tooMuch, utf8Bytes } from "@/lib/limits";
import { isRecord, MapReader } from "@/lib/portability/reader";
import { readYaml, repeatedKeys, type SpecProblem } from "@/lib/portability/yaml";
import { passedYamlLimit, type YamlShape } from "@/lib/portability/yaml-shape";
import type { Found } from "./draft";

/** A file that was parsed as YAML, of which JSON is a part. */
export type ReadFile = ReturnType<typeof readYaml> & {
  path: string;
  /** What it is called in sentences; null where there is nothing to tell it from. */
  shown: string | null;
  text: string;
  /** Its top, where that is a map. */
  top: Top | null;
};

/** The top of a file: its keys, and what stands under them. */
export class Top {
  constructor(readonly map: YAMLMap) {}

  has = (...keys: string[]): boolean => keys.every((key) => this.map.has(key));
  list = (key: string): readonly unknown[] | null => {
    const node = this.map.get(key, true);
    return isSeq(node) ? node.items : null;
  };
  isMap = (key: string): boolean => isMap(this.map.get(key, true));
  /** What stands under a key, where that is a map. */
  under = (key: string): Top | null => {
    const node = this.map.get(key, true);
    return isMap(node) ? new Top(node) : null;
  };
  /** The maps of a list, or of a map of maps. */
  all = (key: string): Top[] => {
    const node = this.map.get(key, true);
    const items: unknown[] = isSeq(node)
      ? node.items
      : isMap(node)
        ? node.items.map(({ value }) => value)
        : [];
    return items.filter((item) => isMap(item)).map((item) => new Top(item));
  };
  text = (key: string): string | null => {
    const value: unknown = this.map.get(key);
    return typeof value === "string" ? value : null;
  };
}

/** Parses a file unless it and those before it are too much to parse. */
export function readFile(
  { path, shown, text }: Pick<ReadFile, "path" | "shown" | "text">,
  shape: YamlShape,
): ReadFile | { passed: SpecProblem } {
  const named = shown === null ? {} : { file: shown };
  const bytes = utf8Bytes(text);
  const passed = bytes > limits.yamlBytes ? "yamlBytes" : passedYamlLimit(text, shape);
  if (passed) {
    const message = tooMuch(passed, passed === "yamlBytes" ? bytes : null, "The file");
    return { passed: { path: "yaml", message, line: null, ...named } };
  }
  const { source, problems } = readYaml(text);
  const root = source.document.contents;
  return {
    path,
    shown,
    text,
    source: { ...source, file: () => shown },
    problems: problems.map((problem) => ({ ...problem, ...named })),
    top: isMap(root) ? new Top(root) : null,
  };
}

/** Returns a reader of a whole file, or null when it is no sound map; then `found` has the reason. */
export function readerOf(file: ReadFile, found: Found): MapReader | null {
  const { source, problems, shown } = file;
  const named = shown === null ? {} : { file: shown };
  const again = repeatedKeys(source, () => false).map((at) => ({
    path: at.join("/"),
    message: `duplicate key: "${at.at(-1)}" stands here more than once. Keep one.`,
    line: source.lineOf(at),
    ...named,
  }));
  found.problems.push(...problems, ...again);
  if (problems.length > 0 || again.length > 0) return null;
  try {
    const data: unknown = source.document.toJS();
    return isRecord(data) ? new MapReader(source, found, [], data) : null;
  } catch {
    const message = "The file refers to its own anchors too often. Write the repeated parts out.";
    found.problems.push({ path: "yaml", message, line: null, ...named });
    return null;
  }
}
