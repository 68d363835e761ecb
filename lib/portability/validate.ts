import { isMap, isScalar, type YAMLMap } from "yaml";
import { tooMuch } from "@/lib/limits";
import { otherKind } from "./recognise";
import { keyText, maxProblems, readYaml, repeatedKeys, type SpecProblem, type YamlSource } from "./yaml";
import { passedYamlLimit } from "./yaml-shape";

export type RawSpec = Record<string, unknown>;

/**
 * Checks a project.yaml as `openfn deploy` does, in its words, and its syntax besides. Returns the document as plain
 * data (empty `credentials`, `keychain_credentials`, `collections`, `channels` as maps), or null when it cannot be read at all.
 */
export function validateSpec(text: string): {
  problems: SpecProblem[];
  doc: RawSpec | null;
  source: YamlSource;
} {
  const passed = passedYamlLimit(text);
  if (passed) {
    const message = tooMuch(passed, null, "The file");
    return { problems: [{ path: "yaml", message, line: null }], doc: null, source: readYaml("").source };
  }
  return validateRead(readYaml(text));
}

/** The same of a text that was read already, within the limits. */
export function validateRead({ source, problems: syntax }: ReturnType<typeof readYaml>): {
  problems: SpecProblem[];
  doc: RawSpec | null;
  source: YamlSource;
} {
  if (syntax.length > 0) return { problems: syntax, doc: null, source };
  const root = source.document.contents;
  const other = otherKind(root);
  if (other) return { problems: [{ path: "project", message: other, line: 1 }], doc: null, source };
  if (!isMap(root)) {
    const message = "A project.yaml is a map that begins with the project's name.";
    return { problems: [{ path: "project", message, line: 1 }], doc: null, source };
  }
  const found = [...nameProblems(root), ...workflowsProblems(root), ...repeated(source)].slice(
    0,
    maxProblems,
  );
  const problems = found.map(({ at, ...problem }) => ({
    ...problem,
    line: source.lineOf(at),
  }));
  try {
    return { problems, doc: withMaps(source.document.toJS()), source };
  } catch {
    const message = "The file refers to its own anchors too often. Write the repeated parts out.";
    return { problems: [...problems, { path: "yaml", message, line: null }], doc: null, source };
  }
}

type Found = { path: string; message: string; at: string[] };

function nameProblems(root: YAMLMap): Found[] {
  const name = root.get("name");
  return name ? [] : [{ path: "project", message: "Project must have a name", at: ["name"] }];
}

function workflowsProblems(root: YAMLMap): Found[] {
  if (!root.has("workflows")) return [];
  const at = ["workflows"];
  const workflows = child(root, "workflows");
  if (isNull(workflows))
    return [{ path: "workflows", message: "project: must provide at least one workflow", at }];
  if (!isMap(workflows)) return [{ path: "workflows", message: "must be a map", at }];
  return [
    ...duplicates(workflows).map((key) => ({ path: key, message: `duplicate id: ${key}`, at: [...at, key] })),
    ...workflows.items.flatMap(({ key, value }) => workflowProblems(keyText(key), value)),
  ];
}

function workflowProblems(key: string, workflow: unknown): Found[] {
  const at = ["workflows", key];
  if (!isMap(workflow)) return [{ path: "workflowName", message: `${key}: must be a map`, at }];
  if (!workflow.has("jobs")) return [];
  const jobs = child(workflow, "jobs");
  const jobsAt = [...at, "jobs"];
  if (isNull(jobs)) return [{ path: "workflows", message: "jobs: must be a map", at: jobsAt }];
  if (!isMap(jobs)) return [{ path: "workflow", message: "jobs: must be a map", at: jobsAt }];
  return duplicates(jobs).map((job) => ({
    path: `${key}/${job}`,
    message: `duplicate id: ${job}`,
    at: [...jobsAt, job],
  }));
}

/** What `openfn deploy` does not refuse: there the last one counts. */
const repeated = (source: YamlSource): Found[] =>
  repeatedKeys(
    source,
    (path) => path[0] === "workflows" && (path.length === 1 || (path.length === 3 && path[2] === "jobs")),
  ).map((at) => ({
    path: at.join("/"),
    message: `duplicate key: "${at.at(-1)}" stands here more than once. Keep one.`,
    at,
  }));

const child = (map: YAMLMap, key: string): unknown => map.get(key, true);
const isNull = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

function duplicates(map: YAMLMap): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const { key } of map.items) {
    const text = keyText(key);
    if (seen.has(text)) again.add(text);
    seen.add(text);
  }
  return [...again];
}

function withMaps(doc: RawSpec): RawSpec {
  const empty = ["credentials", "keychain_credentials", "collections", "channels"].filter(
    (key) => key in doc && doc[key] === null,
  );
  return { ...doc, ...Object.fromEntries(empty.map((key) => [key, {}])) };
}
