import { z } from "zod";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { type SavedVersion, seenVersion, withoutGraph } from "./enable";
import { presentWorkflow, refuseOther } from "./present";
import { withTakenNames } from "./save";
import { clientUuid, itemName } from "./schemas";
import { writeWorkflow } from "./write";

export const renameWorkflowInput = z.strictObject({
  lockVersion: seenVersion,
  name: itemName.trim().min(1, "Give the workflow a name."),
});

const input = renameWorkflowInput.extend({ workflowId: clientUuid });

/** Gives a workflow another name, as its next version. Throws `not_found`, and `conflict` for another version or a taken name. */
export async function renameWorkflow(ctx: Context, change: z.input<typeof input>): Promise<SavedVersion> {
  requirePermission(ctx, "workflow.write");
  const { workflowId: id, lockVersion, name } = input.parse(change);
  const present = await presentWorkflow(ctx, id);
  refuseOther(present, lockVersion);
  const graph = { ...present.graph, name };
  return withoutGraph(
    await withTakenNames(() => writeWorkflow(ctx, { id, lockVersion, graph, source: "app" })),
  );
}
