import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { moment } from "@/lib/domain/fields";
import { write } from "@/lib/domain/write";
import { off } from "./enable";
import { presentWorkflow } from "./present";
import { writeWorkflow } from "./write";

export const archival = z.strictObject({
  lockVersion: z.int(),
  archivedAt: moment.nullable().meta({ description: "Since when it is put away; null: it is not." }),
});
export type Archival = z.infer<typeof archival>;

/**
 * Puts a workflow away: every trigger of it is switched off, and lists show it apart. What it accepted still runs, and
 * nothing of it is lost. Archiving what is archived changes nothing. Throws `not_found`.
 */
export async function archiveWorkflow(ctx: Context, workflowId: string): Promise<Archival> {
  return write(ctx, "workflow.write", async (tx) => {
    const mine = { ...ctx, db: tx };
    await lockProject(tx, ctx.project.id);
    const { graph, archivedAt, ...before } = await presentWorkflow(mine, workflowId);
    if (archivedAt) return unchanged({ lockVersion: before.lockVersion, archivedAt });
    const version = {
      id: workflowId,
      lockVersion: before.lockVersion,
      graph: off(graph),
      source: "app",
    } as const;
    const { lockVersion } = await writeWorkflow(mine, version);
    const now = new Date();
    await set(tx, ctx, workflowId, now);
    return {
      result: { lockVersion, archivedAt: now.toISOString() },
      audit: { event: "workflow.archive", itemId: workflowId, before, after: { lockVersion } },
      changed: { workflows: [workflowId] },
    };
  });
}

/** Takes a workflow out of the archive; its triggers stay off. Throws `not_found`. */
export async function unarchiveWorkflow(ctx: Context, workflowId: string): Promise<Archival> {
  return write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    const { archivedAt, lockVersion } = await presentWorkflow({ ...ctx, db: tx }, workflowId);
    if (!archivedAt) return unchanged({ lockVersion, archivedAt });
    await set(tx, ctx, workflowId, null);
    return {
      result: { lockVersion, archivedAt: null },
      audit: {
        event: "workflow.unarchive",
        itemId: workflowId,
        before: { archivedAt: archivedAt.toISOString() },
      },
      changed: { workflows: [workflowId] },
    };
  });
}

const unchanged = ({ lockVersion, archivedAt }: { lockVersion: number; archivedAt: Date | null }) => ({
  result: { lockVersion, archivedAt: archivedAt?.toISOString() ?? null },
  audit: null,
  changed: null,
});

const set = (tx: Db, { project }: Context, workflowId: string, archivedAt: Date | null) =>
  tx
    .update(workflows)
    .set({ archivedAt })
    .where(
      and(eq(workflows.id, workflowId), eq(workflows.projectId, project.id), isNull(workflows.deletedAt)),
    );
