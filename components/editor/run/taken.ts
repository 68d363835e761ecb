import type { DraftGraph } from "@/lib/editor/graph";
import type { ExactJson } from "@/lib/exact-json";
import { mismatchOf } from "@/lib/workflow/containment";

/** A message as triggers look at it. `triggerId`: whose URL was called; null: the project's. `content`: undefined while it is not known. */
export type Arrived = { triggerId: string | null; content: ExactJson | undefined };

/**
 * The draft's triggers that would take a message, whether they are switched on or not. Decides as the database does
 * (lib/queue/fragments.ts): a filter of `{}`, or none, takes everything.
 */
export const takersOf = ({ triggers }: Pick<DraftGraph, "triggers">, message: Arrived): string[] =>
  triggers.flatMap((trigger) => (takes(trigger, message) ? [trigger.id] : []));

function takes(
  { id, type, inclusion, exclusion }: DraftGraph["triggers"][number],
  { triggerId, content }: Arrived,
): boolean {
  if (type === "webhook") return triggerId === id;
  if (type !== "message_filter" || triggerId !== null || content === undefined) return false;
  if (inclusion !== null && mismatchOf(content, inclusion)) return false;
  return exclusion === null || mismatchOf(content, exclusion) !== null;
}
