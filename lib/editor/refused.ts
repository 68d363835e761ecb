import type { GraphProblem } from "@/lib/workflow/graph";
import type { DraftGraph } from "./graph";

/** `refuses`: the draft cannot be promoted. `warns`: it can, and would not do what somebody may expect. */
export type EditorProblem = GraphProblem & {
  weight: "refuses" | "warns";
  /** Of code: where, 1-based. */
  line?: number;
};

/** What the server said, of a field as it was then. */
export type Refused = { problem: EditorProblem; of: unknown };

const key = /^(workflow|triggers|jobs|edges)\.(?:([^.]+)\.)?([^.]+)$/;
const kinds = { workflow: "workflow", triggers: "trigger", jobs: "job", edges: "edge" } as const;

/** The fields that a refusal's `details` name: `jobs.<id>.<field>`, `workflow.<field>`. Others are left out. */
export function refusedOf(draft: DraftGraph, details: Record<string, string[]>): Refused[] {
  return Object.entries(details).flatMap(([path, messages]) => {
    const [, list, itemId = null, field] = key.exec(path) ?? [];
    if (!list || !field || !(list in kinds)) return [];
    const item = kinds[list as keyof typeof kinds];
    const problem = { item, itemId, field, message: messages.join(" "), weight: "refuses" as const };
    return [{ problem, of: thing(draft, problem) }];
  });
}

/** What the server said of fields that nobody has changed since. */
export const stillRefused = (draft: DraftGraph, refused: readonly Refused[]): EditorProblem[] =>
  refused.flatMap(({ problem, of }) => (thing(draft, problem) === of ? [problem] : []));

/** The value of the field, or all of the item where the field is no value of it, such as where its edges lead. */
function thing(draft: DraftGraph, { item, itemId, field }: GraphProblem): unknown {
  const owner = item === "workflow" ? draft : draft[`${item}s`].find(({ id }) => id === itemId);
  return owner && field in owner ? Reflect.get(owner, field) : owner;
}
