import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { triggers, workflows } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { differenceOfGraphs } from "@/lib/workflow/difference";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { graphAt, graphDifference, namesOf, versionNumber } from "./difference";
import { fittingNow } from "./fitting";
import { refuseBrokenFollowing } from "./following";
import { withTakenNames } from "./save";
import { itemName } from "./schemas";
import { refuseGrownTotals, totalsOf } from "./totals";
import { writeWorkflow } from "./write";

export const workflowVersionPlace = z.strictObject({ id: z.uuid(), version: versionNumber });
type Place = z.input<typeof workflowVersionPlace>;

const notes = z.array(z.string()).meta({
  description:
    "What of the version is not there any more, so that it comes back without, and jobs that cannot run: a sentence each.",
});

/** What restoring a version would do. */
export const restoration = z
  .strictObject({
    workflowId: z.uuid(),
    name: z.string().meta({ description: "What the workflow is called then." }),
    version: z.int(),
    lockVersion: z.int().meta({ description: "The present version, which this is compared with." }),
    isDeleted: z.boolean(),
    notes,
    difference: graphDifference,
  })
  .meta({ id: "Restoration" });
export type Restoration = z.infer<typeof restoration>;

export const restoreInput = z.strictObject({
  lockVersion: versionNumber.meta({ description: "The present version, as whoever restores has seen it." }),
  name: itemName
    .trim()
    .min(1)
    .optional()
    .meta({ description: "Instead of the name that the version has, which another workflow may have now." }),
});

export const restored = z.strictObject({
  id: z.uuid(),
  lockVersion: z.int(),
  snapshotId: z.uuid(),
  changed: z.boolean().meta({ description: "False: the present version says the same." }),
  notes,
});
export type Restored = z.infer<typeof restored>;

/** Says what a workflow would be like when an older version of it were restored. Throws `not_found`. */
export async function getRestoration(ctx: Context, input: Place): Promise<Restoration> {
  requirePermission(ctx, "workflow.read");
  const { id, version } = workflowVersionPlace.parse(input);
  const workflow = await workflowOf(ctx.db, ctx, id);
  const now = await graphAt(ctx, id, workflow.lockVersion);
  const { graph, notes } = await fittingNow(ctx, id, await graphAt(ctx, id, version));
  const names = await namesOf(ctx, [now, graph]);
  return {
    workflowId: id,
    name: graph.name,
    version,
    lockVersion: workflow.lockVersion,
    isDeleted: workflow.deletedAt !== null,
    notes,
    difference: differenceOfGraphs(now, graph, names),
  };
}

/**
 * Makes an older version of a workflow, of a deleted one too, its next one: adaptors are pinned as they were then, what is
 * not there any more is left out and told. Throws `not_found`, and `conflict` when the workflow has been changed since
 * `lockVersion`, or its name, an id or a custom path is another one's now.
 */
export async function restoreVersion(
  ctx: Context,
  input: Place & z.input<typeof restoreInput>,
): Promise<Restored> {
  requirePermission(ctx, "workflow.write");
  const { id, version, ...wanted } = workflowVersionPlace.extend(restoreInput.shape).parse(input);
  return withTakenNames(() =>
    write(ctx, "workflow.write", async (tx) => {
      const mine = { ...ctx, db: tx };
      await lockProject(tx, ctx.project.id);
      const workflow = await workflowOf(tx, ctx, id, true);
      if (workflow.lockVersion !== wanted.lockVersion)
        throw conflict(
          `"${workflow.name}" was changed by somebody else since you looked at it. Load its versions again, then repeat what you did.`,
          { lockVersion: workflow.lockVersion },
        );
      const before = await totalsOf(tx, ctx.project.id);
      const old = await fittingNow(mine, id, await graphAt(mine, id, version));
      const graph: WorkflowGraph = { ...old.graph, name: wanted.name ?? old.graph.name };
      const wasDeleted = workflow.deletedAt !== null;
      if (wasDeleted) await bringBack(tx, ctx, id, graph.name);
      const saved = await writeWorkflow(mine, {
        id,
        lockVersion: workflow.lockVersion,
        graph,
        source: "restore",
        restoredFrom: version,
        wasDeleted,
        isOneOfMany: true,
      });
      refuseGrownTotals(await totalsOf(tx, ctx.project.id), before);
      await refuseBrokenFollowing(tx, ctx.project.id);
      const { lockVersion, snapshotId, changed } = saved;
      return {
        result: { id, lockVersion, snapshotId, changed, notes: old.notes },
        audit: changed
          ? {
              event: "workflow.restore",
              itemId: id,
              before: { lockVersion: workflow.lockVersion, deletedAt: workflow.deletedAt },
              after: { name: graph.name, lockVersion, restoredFrom: version, notes: old.notes },
            }
          : null,
        changed: null,
      };
    }),
  );
}

async function workflowOf(db: Db, ctx: Context, id: string, isLocked = false) {
  const { name, lockVersion, deletedAt } = workflows;
  const query = db
    .select({ name, lockVersion, deletedAt })
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id)));
  const [row] = await (isLocked ? query.for("update") : query);
  if (!row) throw notFound("Workflow");
  return row;
}

/** Under the name that it gets: it may have been another one's meanwhile. */
async function bringBack(tx: Db, { project }: Context, id: string, name: string): Promise<void> {
  try {
    await tx
      .update(workflows)
      .set({ deletedAt: null, name })
      .where(and(eq(workflows.id, id), eq(workflows.projectId, project.id)));
    // What its clock missed meanwhile is not made up for.
    await tx
      .update(triggers)
      .set({ nextRunAt: null })
      .where(and(eq(triggers.workflowId, id), eq(triggers.projectId, project.id)));
  } catch (error) {
    if (!violates(error, "workflows_name")) throw error;
    throw conflict(
      `Another workflow of this project is called ${name} now. Restore this one under another name.`,
      { name: [`${name} is taken.`] },
    );
  }
}
