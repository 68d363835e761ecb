import { sameGraph } from "@/lib/workflow/same";
import { type DraftGraph, toGraph } from "./graph";

/** Whether two drafts say the same. */
export const sameDraft = (one: DraftGraph, other: DraftGraph): boolean =>
  one === other || sameGraph(toGraph(one), toGraph(other));
