import { Document, isMap, parseDocument, Scalar, visit, YAMLMap } from "yaml";
import { mergeLines } from "@/lib/difference/merge";
import { BodyPaths, bodyAt, jobPaths } from "./body-paths";
import { pairIn, saysTheSame, valueIn } from "./nodes";
import { parseSpec } from "./parse";
import { expandAliases, Rewriter } from "./rewrite-nodes";
import type { SpecFiles } from "./sent-files";
import type { ProjectSpec } from "./spec";
import { specNode, stringifySpec } from "./stringify";

/** A project.yaml, and the texts of the files beside it that must be written, by the paths that it names. */
export type Rewritten = { text: string; files: SpecFiles };

/**
 * Makes a project.yaml say what `spec` says, and changes nothing else in it: comments, order, quotes, indentation and
 * line ends stay, and code that is in files stays there. `files` are those that it names, as they are; what is not there
 * is written. What is no project.yaml, or one with problems, is written anew.
 */
export function rewriteSpec(oldText: string, spec: ProjectSpec, files: SpecFiles = {}): Rewritten {
  const lines = oldText.replaceAll("\r\n", "\n");
  const hasReturns = lines !== oldText && !/(^|[^\r])\n/.test(oldText);
  if (!hasReturns) return rewritten(oldText, spec, files);
  const { text, files: written } = rewritten(lines, spec, files);
  return { text: text.replaceAll("\n", "\r\n"), files: written };
}

function rewritten(oldText: string, spec: ProjectSpec, files: SpecFiles): Rewritten {
  const root = rootOf(oldText);
  if (!root) return { text: stringifySpec(spec), files: {} };
  const bodies = new BodyPaths(root, spec, files);
  const before = parseSpec(oldText, bodies.known()).spec;
  if (!before) return anew(root, spec, bodies);
  if (isSame(before, spec)) return { text: oldText, files: {} };
  for (const isExpanded of [false, true])
    for (const found of changed(oldText, before, spec, bodies, isExpanded)) {
      const read = parseSpec(found.text, { ...bodies.known(), ...found.files });
      if (read.spec && isSame(read.spec, spec)) return found;
    }
  return anew(root, spec, bodies);
}

const isSame = (one: ProjectSpec, other: ProjectSpec): boolean => saysTheSame(specNode(one), specNode(other));

function rootOf(text: string): YAMLMap | null {
  const { contents, errors } = parseDocument(text, { uniqueKeys: false });
  return errors.length === 0 && isMap(contents) ? contents : null;
}

/** Two ways to write what changed: in the person's own lines, and where that cannot be read, all lines set anew. */
function changed(
  oldText: string,
  before: ProjectSpec,
  spec: ProjectSpec,
  bodies: BodyPaths,
  isExpanded: boolean,
): Rewritten[] {
  const document = parseDocument(oldText, { uniqueKeys: false });
  if (!isMap(document.contents)) return [];
  if (isExpanded) expandAliases(document);
  const indent = /^( {2,8})\S/m.exec(oldText)?.[1]?.length ?? 2;
  const flowCollectionPadding = !/: \{[^ }\n]/.test(oldText);
  const written = () => {
    if (indent !== 2) quoteIndented(document);
    return document.toString({ lineWidth: 0, indent, flowCollectionPadding });
  };
  const rewriter = new Rewriter(bodies);
  try {
    const plainly = written();
    rewriter.change(document.contents, specNode(before), specNode(spec));
    const text = written();
    const own = mergeLines(plainly, oldText, text, ({ theirs }) => theirs, { apart: true });
    return [own, text].map((one) => ({ text: one, files: rewriter.files }));
  } catch {
    // An alias whose anchor is gone.
    return [];
  }
}

/** The library writes blocks that begin with a space right for an indentation of two only. */
function quoteIndented(document: Document): void {
  visit(document, {
    Scalar(_, scalar) {
      const isBlock = scalar.type === Scalar.BLOCK_LITERAL || scalar.type === Scalar.BLOCK_FOLDED;
      if (isBlock && /^[\n\t ]/.test(String(scalar.value))) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
}

/** As `stringifySpec` writes it; code stays in its files. */
function anew(root: YAMLMap, spec: ProjectSpec, bodies: BodyPaths): Rewritten {
  const node = specNode(spec);
  const files: SpecFiles = {};
  for (const { workflow, job, path } of jobPaths(root)) {
    const body = bodyAt(spec, workflow, job);
    const pair = body === undefined ? undefined : bodyPair(node, workflow, job);
    if (!pair || body === undefined || !bodies.canHold(path, body)) continue;
    const map = new YAMLMap();
    map.set(new Scalar("path"), new Scalar(path));
    pair.value = map;
    if (!bodies.isAsItWas(path, body)) files[path] = body;
  }
  const document = new Document();
  document.contents = node;
  return { text: document.toString({ lineWidth: 0 }), files };
}

function bodyPair(root: YAMLMap, workflow: string, job: string) {
  const map = [["workflows"], [workflow], ["jobs"], [job]]
    .flat()
    .reduce<unknown>((node, key) => (isMap(node) ? valueIn(node, key) : null), root);
  return isMap(map) ? pairIn(map, "body") : undefined;
}
