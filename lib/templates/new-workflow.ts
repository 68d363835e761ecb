import type { DraftGraph } from "@/lib/editor/graph";
import { plainWorkflow } from "@/lib/workflow/complete";
import type { Kit, Template } from "./template";

/** The first version of a new workflow: empty without a template. Every trigger of it is switched off. */
export const newWorkflow = (name: string, template: Template | null, kit: Kit): DraftGraph => ({
  ...plainWorkflow,
  name,
  concurrency: null,
  positions: null,
  ...(template ? template.build(kit) : { triggers: [], jobs: [], edges: [] }),
});

/** `name`, or `name 2` and so on where a workflow is called so, in whatever capitals. */
export function freeWorkflowName(name: string, taken: readonly string[]): string {
  const known = new Set(taken.map((one) => one.toLowerCase()));
  let free = name;
  for (let n = 2; known.has(free.toLowerCase()); n++) free = `${name} ${n}`;
  return free;
}
