import { randomUUID } from "node:crypto";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { conflict } from "@/lib/refusal";
import { takenPath } from "@/lib/workflow/graph";
import type { ResolveAdaptor } from "./adaptors";
import { currentPins, pinAdaptors } from "./pin";
import { type SaveWorkflowInput, saveWorkflowInput } from "./schemas";
import { type SavedWorkflow, takenItemId, writeWorkflow } from "./write";

/**
 * Saves a whole workflow, new or known, as the next version; nothing is written when nothing changed. Throws `conflict`
 * when `lockVersion` is not the current one or a name or id is taken, `invalid` for an unsound graph or adaptor.
 */
export async function saveWorkflow(
  ctx: Context,
  input: SaveWorkflowInput,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<SavedWorkflow> {
  requirePermission(ctx, "workflow.write");
  const { id = randomUUID(), lockVersion = null, note, ...workflow } = saveWorkflowInput.parse(input);
  const pins = await currentPins(ctx.db, ctx.project.id, workflow);
  const graph = await pinAdaptors(workflow, deps.resolveAdaptor, pins);
  return withTakenNames(() => writeWorkflow(ctx, { id, lockVersion, graph, source: "app", note }));
}

const takenName = "Another workflow of this project has this name. Choose another one.";

const itemKeys = ["workflows_pkey", "triggers_pkey", "jobs_pkey", "edges_pkey"];

/** Says which name or id was taken when the database refuses one. */
export async function withTakenNames<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violates(error, "workflows_name")) throw conflict(takenName, { "workflow.name": [takenName] });
    if (violates(error, "triggers_custom_path")) throw conflict(takenPath);
    if (itemKeys.some((key) => violates(error, key))) throw conflict(takenItemId);
    throw error;
  }
}
