import { cronProblem } from "./cron";
import { expressionProblem } from "./expression";
import { type GraphProblem, graphProblems } from "./graph";
import type { WorkflowGraph } from "./types";

/** Returns everything that prevents a graph from being saved and run; empty when it is sound. */
export const validateGraph = (graph: WorkflowGraph): GraphProblem[] =>
  graphProblems(graph, { cron: cronProblem, expression: expressionProblem });
