import { edgesFrom } from "./conditions";
import { customPathProblem } from "./custom-path";
import { follows } from "./follows";
import { unobeyedOfEdge, unobeyedOfTrigger } from "./obeyed";
import { orderKeyProblem } from "./order-key";
import { retryProblems } from "./retry";
import { timeZoneProblem } from "./time-zone";
import type { Edge, JobNode, TriggerNode, WorkflowGraph } from "./types";

/** `itemId` is the trigger, job or edge; null = the workflow. `field` is as in `WorkflowGraph`. */
export type GraphProblem = {
  item: "workflow" | "trigger" | "job" | "edge";
  itemId: string | null;
  field: string;
  message: string;
};

/** What reads the texts of a graph: each says why one cannot be used, or null. Pages load them for graphs that have such texts. */
export type TextChecks = Record<"cron" | "expression", (text: string) => string | null>;

/** Everything that prevents a graph from being saved and run; empty when it is sound. */
export function graphProblems(graph: WorkflowGraph, checks: TextChecks): GraphProblem[] {
  return [
    ...workflowProblems(graph),
    ...graph.triggers.flatMap((trigger) => triggerProblems(graph, trigger, checks)),
    ...graph.jobs.flatMap((job) => jobProblems(graph, job)),
    ...graph.edges.flatMap((edge) => edgeProblems(graph, edge, checks)),
    ...circleProblems(graph),
  ];
}

function workflowProblems(graph: WorkflowGraph): GraphProblem[] {
  const problem = (field: string, message: string): GraphProblem => ({
    item: "workflow",
    itemId: null,
    field,
    message,
  });
  const problems: GraphProblem[] = [];
  if (graph.name.trim() === "") problems.push(problem("name", "Give the workflow a name."));
  if (graph.triggers.filter((trigger) => trigger.enabled).length > 1)
    problems.push(problem("triggers", "A workflow can have only one trigger enabled at a time."));
  const ids = [...graph.triggers, ...graph.jobs, ...graph.edges].map((item) => item.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index)))
    problems.push(problem("id", `duplicate id: ${id}`));
  const order = graph.orderKey === null ? null : orderKeyProblem(graph.orderKey);
  if (order) problems.push(problem("orderKey", order));
  return problems;
}

function triggerProblems(graph: WorkflowGraph, trigger: TriggerNode, checks: TextChecks): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const add = (field: string, message: string) =>
    problems.push({ item: "trigger", itemId: trigger.id, field, message });
  const cron = trigger.type === "cron" ? checks.cron(trigger.cronExpression ?? "") : null;
  if (cron) add("cronExpression", cron);
  const zone =
    trigger.type === "cron" && trigger.timeZone !== null ? timeZoneProblem(trigger.timeZone) : null;
  if (zone) add("timeZone", zone);
  if (trigger.cronCursorJobId && !hasJob(graph, trigger.cronCursorJobId))
    add("cronCursorJobId", `Cannot find job: ${trigger.cronCursorJobId}`);
  const path = trigger.customPath === null ? null : customPathProblem(trigger.customPath);
  if (path) add("customPath", path);
  else if (isTakenPath(graph, trigger)) add("customPath", takenPath);
  if (follows(trigger) && !trigger.sourceJobId)
    add("sourceJobId", "Choose the job of another workflow that it follows.");
  if (follows(trigger) && trigger.sourceJobId && hasJob(graph, trigger.sourceJobId))
    add("sourceJobId", "The job that it follows is in the same workflow. Draw an edge from it instead.");
  for (const { field, message } of unobeyedOfTrigger(trigger)) add(field, message);
  return problems;
}

/** What is said of a custom path that another trigger of the project has. */
export const takenPath = "Another trigger of this project has this custom path. Choose another one.";

const isTakenPath = ({ triggers }: WorkflowGraph, { customPath }: TriggerNode): boolean =>
  customPath !== null && triggers.filter((other) => other.customPath === customPath).length > 1;

function jobProblems(graph: WorkflowGraph, job: JobNode): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const add = (field: string, message: string) =>
    problems.push({ item: "job", itemId: job.id, field, message });
  if (job.name.trim() === "") add("name", "Job name can't be blank.");
  else if (graph.jobs.find((other) => other.name === job.name) !== job)
    add("name", `Another job of this workflow is called ${job.name}. Give each job its own name.`);
  if (job.body.trim() === "") add("body", "Code editor cannot be empty.");
  if (job.projectCredentialId !== null && job.keychainCredentialId !== null)
    add("keychainCredentialId", `${job.name} names a credential and a keychain. Keep one of them.`);
  for (const message of job.retry ? retryProblems(job.retry) : []) add("retry", message);
  if ((job.libraryJobId === null) !== (job.libraryVersion === null))
    add("libraryVersion", `${job.name} names a library entry and its version, or neither.`);
  return problems;
}

function edgeProblems(graph: WorkflowGraph, edge: Edge, checks: TextChecks): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const add = (field: string, message: string) =>
    problems.push({ item: "edge", itemId: edge.id, field, message });
  const { sourceTriggerId, sourceJobId, targetJobId, conditionType } = edge;
  if ((sourceTriggerId === null) === (sourceJobId === null))
    add("source", "An edge starts at one trigger or at one job.");
  if (sourceTriggerId !== null && !graph.triggers.some((trigger) => trigger.id === sourceTriggerId))
    add("sourceTriggerId", `Cannot find trigger: ${sourceTriggerId}`);
  if (sourceJobId !== null && !hasJob(graph, sourceJobId))
    add("sourceJobId", `Cannot find job: ${sourceJobId}`);
  if (!hasJob(graph, targetJobId)) add("targetJobId", `Cannot find job: ${targetJobId}`);
  if (sourceTriggerId !== null && (conditionType === "on_job_success" || conditionType === "on_job_failure"))
    add("conditionType", "An edge that starts at a trigger is followed always or by an expression.");
  if (conditionType === "js_expression") {
    const problem = checks.expression(edge.conditionExpression ?? "");
    if (problem)
      add("conditionExpression", `Failed to compile edge condition ${edgeLabel(graph, edge)} (${problem})`);
  }
  for (const { field, message } of unobeyedOfEdge(edge)) add(field, message);
  return problems;
}

/** One problem per circle, told in OpenFn's words at the edge that closes it. */
function circleProblems(graph: WorkflowGraph): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const state = new Map<string, "open" | "closed">();
  const visit = (jobId: string) => {
    state.set(jobId, "open");
    for (const edge of graph.edges.filter((edge) => edge.sourceJobId === jobId)) {
      const seen = state.get(edge.targetJobId);
      if (seen === undefined) visit(edge.targetJobId);
      if (seen !== "open") continue;
      const message = `Circular dependency: ${jobName(graph, jobId)} <-> ${jobName(graph, edge.targetJobId)}`;
      problems.push({ item: "edge", itemId: edge.id, field: "targetJobId", message });
    }
    state.set(jobId, "closed");
  };
  for (const job of graph.jobs) if (!state.has(job.id)) visit(job.id);
  return problems;
}

const hasJob = (graph: WorkflowGraph, id: string) => graph.jobs.some((job) => job.id === id);
const jobName = (graph: WorkflowGraph, id: string) => graph.jobs.find((job) => job.id === id)?.name ?? id;

/** `source->target` in the words that OpenFn uses for edges: a trigger is called by its type. */
export function edgeLabel(graph: WorkflowGraph, edge: Edge): string {
  const trigger = graph.triggers.find((trigger) => trigger.id === edge.sourceTriggerId);
  const source = trigger?.type ?? jobName(graph, edge.sourceJobId ?? edge.sourceTriggerId ?? "");
  return `${source}->${jobName(graph, edge.targetJobId)}`;
}

/** Returns the jobs that may run after a node, itself left out, over enabled edges. */
export function downstreamJobs(
  graph: WorkflowGraph,
  node: { jobId: string } | { triggerId: string },
): Set<string> {
  const found = new Set<string>();
  const queue = edgesFrom(graph, node).map((edge) => edge.targetJobId);
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    if (found.has(id)) continue;
    found.add(id);
    queue.push(...edgesFrom(graph, { jobId: id }).map((edge) => edge.targetJobId));
  }
  if ("jobId" in node) found.delete(node.jobId);
  return found;
}

/** Returns the jobs from which a job can be reached over enabled edges, itself left out. */
export function upstreamJobs(graph: WorkflowGraph, jobId: string): Set<string> {
  return new Set(
    graph.jobs
      .map((job) => job.id)
      .filter((id) => id !== jobId && downstreamJobs(graph, { jobId: id }).has(jobId)),
  );
}
