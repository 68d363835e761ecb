import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";

/** `path` as OpenFn's CLI prints it, or the keys down to the value; `line` counts from 1. */
export type SpecProblem = { path: string; message: string; line: number | null };

export type YamlSource = {
  document: Document;
  /** Returns the line of the deepest key of `path` that is there. */
  lineOf(path: readonly string[]): number | null;
};

/** More than this many problems help nobody, and each one's line has to be found. */
export const maxProblems = 100;

/** Parses YAML text. Duplicate keys are left to the caller, who can say what they mean. */
export function readYaml(text: string): { source: YamlSource; problems: SpecProblem[] } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, prettyErrors: false });
  const problems = document.errors.slice(0, maxProblems).map((error) => ({
    path: "yaml",
    message: explain(error.message),
    line: counter.linePos(error.pos[0]).line,
  }));
  const lineOf = (path: readonly string[]) => {
    let node: unknown = document.contents;
    let line: number | null = null;
    for (const key of path) {
      const pair = isMap(node) ? node.items.find((item) => keyText(item.key) === key) : undefined;
      if (!pair) break;
      if (isScalar(pair.key) && pair.key.range) line = counter.linePos(pair.key.range[0]).line;
      node = pair.value;
    }
    return line;
  };
  return { source: { document, lineOf }, problems };
}

export const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** The commonest accident, a job's code as a plain scalar, in words that lead out of it. */
function explain(message: string): string {
  if (message.startsWith("Nested mappings are not allowed"))
    return 'This value holds ": ", so YAML takes it for a map. Put "|" after the key and the text indented below it.';
  return message.endsWith(".") ? message : `${message}.`;
}
