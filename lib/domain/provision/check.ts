import type { z } from "zod";
import { workflowInput } from "@/lib/domain/workflow/schemas";
import type { GraphProblem } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { validateGraph } from "@/lib/workflow/validate-graph";
import type { ComplainOf } from "./merge";
import { isInvalid, type WorkflowItem } from "./payload";

const lists = { job: "jobs", trigger: "triggers", edge: "edges" } as const;

type Labels = Record<"jobs" | "triggers" | "edges", (id: string) => string>;

/** What people call the parts of a workflow: a job by its name, a trigger by its type, an edge `source->target`. */
export function labelsOf(item: WorkflowItem, old: WorkflowGraph | null): Labels {
  const names = new Map<string, string>();
  for (const { id, name } of old?.jobs ?? []) names.set(id, name);
  for (const { id, type } of old?.triggers ?? []) names.set(id, type);
  const say = (id: string, value: unknown, otherwise: string) => {
    if (typeof value === "string" && value !== "") names.set(id, value);
    else if (!names.has(id)) names.set(id, otherwise);
  };
  for (const { id, raw } of item.jobs) say(id, raw.name, "");
  for (const { id, raw } of item.triggers) say(id, raw.type, "webhook");
  const name = (id: unknown) => (typeof id === "string" ? (names.get(id.toLowerCase()) ?? "") : "");
  const edges = new Map<string, string>();
  for (const { id, sourceTriggerId, sourceJobId, targetJobId } of old?.edges ?? [])
    edges.set(id, `${name(sourceTriggerId ?? sourceJobId)}->${name(targetJobId)}`);
  for (const { id, raw } of item.edges) {
    const source = raw.source_trigger_id ?? raw.source_job_id;
    if (source !== undefined || raw.target_job_id !== undefined || !edges.has(id))
      edges.set(id, `${name(source)}->${name(raw.target_job_id)}`);
  }
  return { jobs: name, triggers: name, edges: (id) => edges.get(id) ?? "->" };
}

/**
 * Says everything that prevents a workflow from being saved and run. Returns it with what the schema completes, and whether
 * the schema takes it. `refused`: the edges whose expression was refused already.
 */
export function checkedWorkflow(
  graph: WorkflowGraph,
  complain: ComplainOf,
  refused: ReadonlySet<string> = new Set(),
): { graph: WorkflowGraph; isSound: boolean } {
  const jobs = graph.jobs.map(({ adaptorVersion, ...job }) => job);
  const read = workflowInput.safeParse({ ...graph, jobs });
  if (!read.success) for (const issue of read.error.issues) sayIssue(issue, graph, complain);
  const checked = read.success
    ? { ...read.data, jobs: graph.jobs }
    : withoutUnsound(graph, read.error.issues);
  for (const problem of validateGraph(checked)) {
    const isSaid = problem.field === "conditionExpression" && refused.has(problem.itemId ?? "");
    if (!isSaid) sayProblem(problem, complain);
  }
  return { graph: checked, isSound: read.success };
}

/** Without the maps that are not what they are declared to be, and are said: nothing else can look into them. */
function withoutUnsound(graph: WorkflowGraph, issues: readonly z.core.$ZodIssue[]): WorkflowGraph {
  const unsound = new Set(issues.map(({ path }) => path.slice(0, 3).join("/")));
  const sound = <T extends object>(list: string, items: readonly T[]): T[] =>
    items.map((item, i) => {
      const entries = Object.entries(item).map(([field, value]) => {
        const isLeft = typeof value !== "object" || !unsound.has(`${list}/${i}/${field}`);
        return [field, isLeft ? value : null];
      });
      return Object.fromEntries(entries);
    });
  return {
    ...graph,
    jobs: sound("jobs", graph.jobs),
    triggers: sound("triggers", graph.triggers),
    edges: sound("edges", graph.edges),
  };
}

function sayIssue(issue: z.core.$ZodIssue, graph: WorkflowGraph, complain: ComplainOf): void {
  const [list, index, ...rest] = issue.path;
  const message = issue.code === "custom" || issue.code === "too_big" ? issue.message : shortOf(issue);
  if ((list === "jobs" || list === "triggers" || list === "edges") && typeof index === "number") {
    const item = graph[list][index];
    // Said already, where it was read.
    if (item && !(rest.length === 1 && references.has(String(rest[0]))))
      complain(list, item)(rest.map((key) => columnOf(String(key))).join("."), message);
    return;
  }
  complain(null, null)(issue.path.map((key) => columnOf(String(key))).join(".") || "base", message);
}

const references = new Set([
  "id",
  "cronCursorJobId",
  "sourceJobId",
  "sourceTriggerId",
  "targetJobId",
  "projectCredentialId",
  "keychainCredentialId",
  "libraryJobId",
]);

const shortOf = (issue: z.core.$ZodIssue): string =>
  issue.code === "invalid_type" || issue.code === "invalid_format" ? isInvalid : issue.message;

/** OpenFn's words for what we say otherwise. */
const openfns: Record<string, string> = {
  conditionType: "The condition must be 'Always' or 'JS expression' when the source is trigger.",
  targetJobId: "This job does not exist, or is not in the same workflow.",
  sourceJobId: "This job does not exist, or is not in the same workflow.",
  sourceTriggerId: "This trigger does not exist, or is not in the same workflow.",
};

function sayProblem({ item, itemId, field, message }: GraphProblem, complain: ComplainOf): void {
  // Said already, where the edge or the document was read.
  if (field === "source" || (item === "workflow" && (field === "name" || field === "id"))) return;
  if (item === "workflow" || itemId === null) {
    complain(null, null)(columnOf(field), message);
    return;
  }
  const isCircle = field === "targetJobId" && message.startsWith("Circular");
  if (isCircle && ofOneJob.test(message)) {
    complain(lists[item], { id: itemId })(
      "target_job_id",
      "target_job_id must be different from source_job_id",
    );
    return;
  }
  const isReference = item === "edge" && !isCircle;
  // It has no target at all, which is said.
  if (isReference && message === "Cannot find job: ") return;
  const said = isReference ? (openfns[field] ?? message) : message;
  complain(lists[item], { id: itemId })(columnOf(field), said);
}

const ofOneJob = /^Circular dependency: (.+) <-> \1$/s;

const columns: Record<string, string> = {
  jobLogs: "enable_job_logs",
  libraryJobId: "library_entry",
};

const columnOf = (field: string): string =>
  columns[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
