import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { refuseBrokenFollowing } from "./following";

export const deleteWorkflowInput = z.strictObject({ id: z.uuid() });

/**
 * Deletes a workflow: it takes no message and no time any more, and its versions, runs and messages stay. What it accepted
 * before still runs. Throws `not_found`, and `invalid` while another workflow follows one of its jobs.
 */
export async function deleteWorkflow(
  ctx: Context,
  input: z.input<typeof deleteWorkflowInput>,
  /** The caller, who changes several, looks at what follows what after the last. */
  { isOneOfMany = false }: { isOneOfMany?: boolean } = {},
): Promise<void> {
  const { id } = deleteWorkflowInput.parse(input);
  await write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    const [deleted] = await tx
      .update(workflows)
      .set({ deletedAt: sql`now()`, updatedAt: sql`now()` })
      .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)))
      .returning({ name: workflows.name, lockVersion: workflows.lockVersion });
    if (!deleted) throw notFound("Workflow");
    if (!isOneOfMany) await refuseBrokenFollowing(tx, ctx.project.id);
    return {
      result: undefined,
      audit: { event: "workflow.delete", itemId: id, before: deleted },
      changed: null,
    };
  });
}
