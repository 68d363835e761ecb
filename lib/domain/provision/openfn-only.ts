import { isDeepStrictEqual } from "node:util";
import type { Edge, WorkflowGraph } from "@/lib/workflow/types";
import type { ComplainOf } from "./merge";
import { blank } from "./payload";

/**
 * What OpenFn's server asks of a document and ours does not: said to its own tools, so that a project which they deploy here
 * can be deployed there, too. What they leave as it is is not looked at: it may have been made in a page.
 */
export const longestDescription = 240;
const longestExpression = 255;

export const atMost = (characters: number): string => `should be at most ${characters} character(s)`;

/** As OpenFn finds them, parts of longer words included. */
const unacceptable = /(import|require|process|await|eval)\b/;

/**
 * Says what is wrong with conditions that are expressions, where they are new or were changed. Returns the ids of those
 * whose expression was refused.
 */
export function refuseExpressions(
  graph: WorkflowGraph,
  old: WorkflowGraph | null,
  complain: ComplainOf,
): ReadonlySet<string> {
  const before = new Map(old?.edges.map((edge) => [edge.id, conditionOf(edge)]));
  const refused = new Set<string>();
  for (const edge of graph.edges) {
    if (edge.conditionType !== "js_expression") continue;
    if (isDeepStrictEqual(before.get(edge.id), conditionOf(edge))) continue;
    const say = complain("edges", edge);
    if (!edge.conditionLabel?.trim()) say("condition_label", blank);
    const problem = expressionProblem(edge.conditionExpression ?? "");
    if (problem === null) continue;
    say("condition_expression", problem);
    refused.add(edge.id);
  }
  return refused;
}

const conditionOf = ({ conditionType, conditionExpression, conditionLabel }: Edge) => ({
  conditionType,
  conditionExpression,
  conditionLabel,
});

function expressionProblem(expression: string): string | null {
  if (expression.trim() === "") return blank;
  if (unacceptable.test(expression)) return "contains unacceptable words";
  return expression.length > longestExpression ? atMost(longestExpression) : null;
}
