import { z } from "zod";
import { invalid, type Refusal } from "@/lib/refusal";
import type { GraphProblem } from "@/lib/workflow/graph";

/** What is wrong with an item of a workflow; of code with its place, which counts from 1. */
export type StoredProblem = GraphProblem & { line?: number; column?: number };

/** The same as it is answered. */
export const graphProblem = z
  .strictObject({
    item: z.enum(["workflow", "trigger", "job", "edge"]),
    itemId: z.uuid().nullable().meta({ description: "null: the workflow itself." }),
    field: z.string(),
    message: z.string(),
    line: z.int().nullable().meta({ description: "Of code, counting from 1, as `column` does." }),
    column: z.int().nullable(),
    weight: z.enum(["refuses", "warns"]).meta({
      description: "`refuses`: it cannot be saved like this. `warns`: it can, and not be switched on.",
    }),
  })
  .meta({ id: "GraphProblem" });
export type AnsweredProblem = z.infer<typeof graphProblem>;

export const answeredProblem = (
  problem: StoredProblem,
  weight: AnsweredProblem["weight"] = "refuses",
): AnsweredProblem => ({ ...problem, line: problem.line ?? null, column: problem.column ?? null, weight });

const lists = { workflow: "workflow", trigger: "triggers", job: "jobs", edge: "edges" } as const;

/** The key of a field in a refusal's details: `jobs.<id>.body`, `workflow.name`. */
export const fieldKey = ({ item, itemId, field }: Pick<GraphProblem, "item" | "itemId" | "field">): string =>
  [lists[item], ...(itemId === null ? [] : [itemId]), field].join(".");

/** Sentences by the fields that they are about. */
export function fieldDetails(problems: readonly GraphProblem[]): Record<string, string[]> {
  const details: Record<string, string[]> = {};
  for (const problem of problems) {
    const key = fieldKey(problem);
    details[key] = [...(details[key] ?? []), problem.message];
  }
  return details;
}

/** `invalid` for what is wrong, by field and as a list. */
export const refusalOf = (problems: readonly StoredProblem[], message?: string): Refusal =>
  invalid(message ?? problems[0]?.message ?? "This workflow is not sound.", {
    ...fieldDetails(problems),
    problems: problems.map((problem) => answeredProblem(problem)),
  });
