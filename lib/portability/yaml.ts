import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";

/** `path` as OpenFn's CLI prints it, or the keys down to the value; `line` counts from 1; `file` where there are several. */
export type SpecProblem = { path: string; message: string; line: number | null; file?: string };

export type YamlSource = {
  document: Document;
  /** Returns the file that holds what stands under `path`, where there are several. */
  file?(path: readonly string[]): string | null;
  /** Returns the line of the deepest key of `path` that is there. */
  lineOf(path: readonly string[]): number | null;
  /** Returns what stands under the keys of `path`, aliases followed. */
  nodeAt(path: readonly string[]): Node | null;
};

/** More than this many problems help nobody, and each one's line has to be found. */
export const maxProblems = 100;

/**
 * Parses YAML text. Duplicate keys are left to the caller, who can say what they mean. Keys are the texts that were
 * written: `1.0` is not `1`.
 */
export function readYaml(text: string): { source: YamlSource; problems: SpecProblem[] } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, prettyErrors: false });
  const lineAt = (offset: number) => counter.linePos(offset).line;
  const told = [...document.errors, ...document.warnings].slice(0, maxProblems);
  const problems = told.map(
    (error): SpecProblem => ({
      path: "yaml",
      message: explain(error.message),
      line: lineAt(error.pos[0]),
    }),
  );
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && typeof key.value !== "string") {
        if (key.value === null && !key.source) problems.push(keyProblem("A key is missing before ':'.", key));
        key.value = key.source ?? String(key.value);
      } else if (!isScalar(key)) problems.push(keyProblem("A key must be a text.", key));
    },
  });
  const lineOf = (path: readonly string[]) => {
    let node: unknown = document.contents;
    let line: number | null = null;
    for (const key of path) {
      if (isSeq(node)) {
        node = node.items[Number(key)];
        if (isNode(node) && node.range) line = counter.linePos(node.range[0]).line;
        continue;
      }
      const pair = isMap(node) ? node.items.find((item) => keyText(item.key) === key) : undefined;
      if (!pair) break;
      if (isScalar(pair.key) && pair.key.range) line = counter.linePos(pair.key.range[0]).line;
      node = pair.value;
    }
    return line;
  };
  const source = { document, lineOf, nodeAt: (path: readonly string[]) => nodeIn(document, path) };
  return { source, problems };

  function keyProblem(message: string, key: unknown): SpecProblem {
    const line = isNode(key) && key.range ? lineAt(key.range[0]) : null;
    return { path: "yaml", message, line };
  }
}

/** What stands under the keys of `path` in a document, aliases followed. */
export function nodeIn(document: Document, path: readonly string[]): Node | null {
  const resolved = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  const found = path.reduce<unknown>((node, key) => {
    const inner = resolved(node);
    if (isSeq(inner)) return inner.items[Number(key)];
    return isMap(inner) ? inner.items.findLast((item) => keyText(item.key) === key)?.value : undefined;
  }, document.contents);
  const node = resolved(found);
  return isNode(node) ? node : null;
}

/** Every key that stands twice in one map, but for those of `except`, with the keys that lead to it. */
export function repeatedKeys({ document }: YamlSource, isExcept: (path: string[]) => boolean): string[][] {
  const found: string[][] = [];
  const walk = (node: unknown, path: string[]): void => {
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, String(index)]);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const at = [...path, keyText(key)];
      if (seen.has(keyText(key)) && !isExcept(path)) found.push(at);
      seen.add(keyText(key));
      walk(value, at);
    }
  };
  walk(document.contents, []);
  return found;
}

export const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** The commonest accident, a job's code as a plain scalar, in words that lead out of it. */
function explain(message: string): string {
  if (message.startsWith("Nested mappings are not allowed"))
    return 'This value holds ": ", so YAML takes it for a map. Put "|" after the key and the text indented below it.';
  const [, tag] = /^Unresolved tag: (\S+)/.exec(message) ?? [];
  if (tag)
    return `YAML takes a value that begins with "!" (${tag}) for a tag, not for a text. Put quotes around the value.`;
  if (message.startsWith("Source contains multiple documents"))
    return 'The file holds several documents, parted by "---". Import one at a time.';
  if (message.startsWith("Tabs are not allowed"))
    return "YAML is indented with spaces, and here is a tab. Replace it.";
  return message.endsWith(".") ? message : `${message}.`;
}
