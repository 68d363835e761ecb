import { edgesFrom } from "@/lib/workflow/conditions";
import { type GraphProblem, graphProblems, type TextChecks } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { type DraftGraph, toGraph } from "./graph";
import { type EditorProblem, type Refused, stillRefused } from "./refused";

/** What our compiler says of a job's code; 1-based. */
export type CompileProblem = { message: string; line: number; column: number };

/** What reads the texts that a draft has, loaded where it has some: acorn and croner weigh more than the rest of this. */
export async function checksFor({ triggers, edges }: DraftGraph): Promise<TextChecks> {
  const hasCron = triggers.some(({ type }) => type === "cron");
  const hasExpression = edges.some(({ conditionType }) => conditionType === "js_expression");
  const [cron, expression] = await Promise.all([
    hasCron ? import("@/lib/workflow/cron") : null,
    hasExpression ? import("@/lib/workflow/expression") : null,
  ]);
  return {
    cron: cron?.cronProblem ?? (() => null),
    expression: expression?.expressionProblem ?? (() => null),
  };
}

/** Everything that is wrong with a draft, as far as the browser knows. `compile`: by job, of code that was opened. */
export function problemsOf(
  draft: DraftGraph,
  checks: TextChecks,
  compile: ReadonlyMap<string, CompileProblem> = new Map(),
  refused: readonly Refused[] = [],
): EditorProblem[] {
  const graph = toGraph(draft);
  const found = [
    ...graphProblems(graph, checks).map((problem) => refusing(inPlainWords(draft, problem))),
    ...draft.jobs.flatMap((job) => [...adaptorProblems(job), ...compileProblems(job, compile.get(job.id))]),
  ];
  const isFound = ({ itemId, field }: GraphProblem) =>
    found.some((one) => one.itemId === itemId && one.field === field);
  const told = stillRefused(draft, refused).filter((problem) => !isFound(problem));
  return [...found, ...told, ...pathProblems(graph)];
}

const refusing = (problem: GraphProblem): EditorProblem => ({ ...problem, weight: "refuses" });

/** The check speaks as OpenFn does; who is only about to write an expression is told so. */
export function inPlainWords<P extends Pick<GraphProblem, "itemId" | "field" | "message">>(
  draft: Pick<DraftGraph, "edges">,
  problem: P,
): P {
  if (problem.field !== "conditionExpression") return problem;
  const edge = draft.edges.find(({ id }) => id === problem.itemId);
  const isEmpty = edge?.conditionType === "js_expression" && !edge.conditionExpression?.trim();
  return isEmpty
    ? { ...problem, message: "Write the expression that decides whether this is followed." }
    : problem;
}

function adaptorProblems({ id, adaptor }: DraftGraph["jobs"][number]): EditorProblem[] {
  if (adaptor.trim() !== "") return [];
  return [refusing({ item: "job", itemId: id, field: "adaptor", message: "Choose an adaptor." })];
}

function compileProblems(
  { id }: DraftGraph["jobs"][number],
  problem: CompileProblem | undefined,
): EditorProblem[] {
  if (!problem) return [];
  const { line, message } = problem;
  return [{ ...refusing({ item: "job", itemId: id, field: "body", message }), line }];
}

/** What no message, time or failure would ever come to. Nothing refuses it. */
function pathProblems(graph: WorkflowGraph): EditorProblem[] {
  const { triggers, jobs } = graph;
  if (triggers.length === 0 && jobs.length === 0) return [];
  if (triggers.length === 0)
    return [warning("workflow", null, "triggers", "Nothing starts this workflow yet. Add a trigger.")];
  const reached = reachedJobs(graph);
  return [
    ...triggers
      .filter(({ id }) => edgesFrom(graph, { triggerId: id }).length === 0)
      .map(({ id }) => warning("trigger", id, "edges", "It leads nowhere yet. Add a job after it.")),
    ...jobs
      .filter(({ id }) => !reached.has(id))
      .map(({ id }) => warning("job", id, "edges", "No trigger leads to this job, so it never runs.")),
  ];
}

const warning = (
  item: GraphProblem["item"],
  itemId: string | null,
  field: string,
  message: string,
): EditorProblem => ({ item, itemId, field, message, weight: "warns" });

/** Jobs that some trigger leads to, over edges that are switched on. */
function reachedJobs(graph: WorkflowGraph): Set<string> {
  const next = new Map<string, string[]>();
  for (const { enabled, sourceTriggerId, sourceJobId, targetJobId } of graph.edges) {
    const source = sourceTriggerId ?? sourceJobId;
    if (!enabled || source === null) continue;
    const targets = next.get(source);
    if (targets) targets.push(targetJobId);
    else next.set(source, [targetJobId]);
  }
  const reached = new Set<string>();
  const open = graph.triggers.map(({ id }) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const target of next.get(id) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      open.push(target);
    }
  return reached;
}
