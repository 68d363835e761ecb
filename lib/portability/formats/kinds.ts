import { isMap } from "yaml";
import { otherKind } from "@/lib/portability/recognise";
import { type ReadFile, Top } from "./documents";
import { isFlat } from "./flat";

/** What a file of a folder is, as far as projects go. */
export type Kind =
  /** project.yaml of the v1 grammar. */
  | "spec"
  /** openfn.yaml, which says where a project's files are. */
  | "workspace"
  /** Platform v1: jobs at the top, each with the name of what starts it. */
  | "platform"
  /** A workflow of n8n. */
  | "n8n"
  /** A project.yaml that has lost its indentation. */
  | "flat"
  /** One workflow of the v1 grammar. */
  | "workflow"
  /** What OpenFn's command line keeps beside project.yaml. */
  | "state"
  /** A whole project of the format v2, as `.projects/` holds it. */
  | "v2Project"
  /** One workflow of the format v2. */
  | "v2Workflow";

const has = (all: readonly Top[], key: string): boolean => all.some((one) => one.has(key));

/** From the most to the least particular. */
const kinds: readonly [Kind, (top: Top) => boolean][] = [
  ["workspace", (top) => top.isMap("project") && (top.has("workspace") || !top.has("workflows"))],
  ["v2Project", (top) => isV2(top) || (top.list("workflows") !== null && has(top.all("workflows"), "steps"))],
  ["v2Workflow", (top) => isV2Workflow(top) || isV2Workflow(top.under("workflow"))],
  ["n8n", (top) => top.list("nodes") !== null && top.has("connections")],
  ["state", (top) => isState(top.under("data") ?? top)],
  [
    "platform",
    (top) => isLone(top) && (has(top.all("jobs"), "expression") || has(top.all("jobs"), "trigger")),
  ],
  ["workflow", (top) => isLone(top) && has(top.all("jobs"), "adaptor")],
  ["spec", (top) => top.has("workflows") && top.list("workflows") === null],
];

const isV2 = (top: Top): boolean =>
  top.list("workflows") !== null && (top.has("schema_version") || top.under("cli")?.has("version") === true);

/** A list of steps; the oldest call them jobs, and have their code in `expression`. */
const isV2Workflow = (top: Top | null): boolean =>
  top !== null &&
  !top.has("workflows") &&
  (top.list("steps") !== null || (top.list("jobs") !== null && has(top.all("jobs"), "expression")));

const isLone = (top: Top): boolean => !top.has("workflows") && top.isMap("jobs");

/** Records of a server have ids, those of a project.yaml keys alone. */
const isState = (top: Top): boolean => top.has("workflows") && hasRecords(top);
const hasRecords = (top: Top): boolean =>
  top.has("project_credentials") ||
  top.all("workflows").some((workflow) => has(workflow.all("edges"), "target_job_id")) ||
  (top.has("id") && has(top.all("workflows"), "id"));

/** What a file is, or null for what is no project nor a part of one. `isAlone`: no other file is meant. */
export function kindOf({ top, path, source, text }: ReadFile, isAlone: boolean): Kind | null {
  if (isFlat(text)) return "flat";
  if (top === null) return null;
  const kind = kinds.find(([, is]) => is(top))?.[0] ?? null;
  const isOther = (kind === null || kind === "spec") && otherKind(source.document.contents) !== null;
  if (isOther) return null;
  if (isAlone) return kind ?? "spec";
  // Other tools have workflows, too.
  const isCalledSpec = top.has("name") || /(project|spec)\.ya?ml$/i.test(path);
  return kind === "spec" && !isCalledSpec ? null : kind;
}

/** The name that a file gives to its project, for whoever chooses among several. */
export function nameIn({ top }: ReadFile): string | null {
  const project = top?.map.get("project", true);
  return (
    (isMap(project) ? new Top(project).text("name") : null) ?? top?.text("name") ?? top?.text("id") ?? null
  );
}
