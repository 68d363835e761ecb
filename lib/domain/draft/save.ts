import { and, eq, exists, gte, isNull, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "@/db/client";
import { drafts, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockPerson, refuseLastMade } from "@/lib/domain/counted";
import { write } from "@/lib/domain/write";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { isMine, personOf } from "./owner";
import { draftPlace, type SavedDraft, saveDraftInput } from "./schemas";

const input = draftPlace.extend(saveDraftInput.shape);
type Input = z.output<typeof input>;

/**
 * Keeps the caller's draft of a workflow: made where `revision` is null, else changed. It is saved often, so it is one
 * statement, and no line of the record. Throws `conflict` when it was saved elsewhere since, with the revision that it has now
 * (null: it is gone), `not_found`, `invalid` for a version that there is not, and for too many drafts.
 */
export async function saveDraft(ctx: Context, draft: z.input<typeof input>): Promise<SavedDraft> {
  return write(ctx, "workflow.write", async (tx) => {
    const wanted = input.parse(draft);
    const saved = await (wanted.revision === null ? insert(tx, ctx, wanted) : update(tx, ctx, wanted));
    if (!saved) throw await whyNot(tx, ctx, wanted);
    const { workflowId } = wanted;
    return {
      result: { ...saved, updatedAt: saved.updatedAt.toISOString() },
      audit: null,
      // Others see that there is one, not each save of it.
      changed:
        wanted.revision === null
          ? { workflows: [workflowId] }
          : { drafts: { userId: personOf(ctx), workflows: [workflowId] } },
    };
  });
}

const answer = {
  id: drafts.id,
  baseVersion: drafts.baseVersion,
  revision: drafts.revision,
  updatedAt: drafts.updatedAt,
};

/** The workflow, which must be there and have had the version. */
const place = (tx: Db, ctx: Context, { workflowId, baseVersion }: Input) =>
  tx
    .select({ id: workflows.id })
    .from(workflows)
    .where(
      and(
        eq(workflows.id, workflowId),
        eq(workflows.projectId, ctx.project.id),
        isNull(workflows.deletedAt),
        gte(workflows.lockVersion, baseVersion),
      ),
    );

async function update(tx: Db, ctx: Context, wanted: Input) {
  const { workflowId, revision, baseVersion, graph, note } = wanted;
  const [saved] = await tx
    .update(drafts)
    .set({ baseVersion, graph, note, revision: sql`${drafts.revision} + 1`, updatedAt: sql`now()` })
    .where(and(isMine(ctx, workflowId), eq(drafts.revision, revision ?? 0), exists(place(tx, ctx, wanted))))
    .returning(answer);
  return saved;
}

async function insert(tx: Db, ctx: Context, wanted: Input) {
  const userId = personOf(ctx);
  const { workflowId, baseVersion, graph, note = null } = wanted;
  await lockPerson(tx, userId);
  const [there] = await place(tx, ctx, wanted);
  if (!there) return undefined;
  const [saved] = await tx
    .insert(drafts)
    .values({ projectId: ctx.project.id, workflowId, userId, baseVersion, graph, note })
    .onConflictDoNothing({ target: [drafts.workflowId, drafts.userId] })
    .returning(answer);
  if (!saved) return undefined;
  const where = and(eq(drafts.userId, userId), eq(drafts.projectId, ctx.project.id));
  await refuseLastMade(tx, "drafts", { table: drafts, where, whose: "Your account" });
  return saved;
}

async function whyNot(tx: Db, ctx: Context, { workflowId, baseVersion }: Input) {
  const [workflow] = await tx
    .select({ name: workflows.name, lockVersion: workflows.lockVersion })
    .from(workflows)
    .where(
      and(eq(workflows.id, workflowId), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)),
    );
  if (!workflow) return notFound("Workflow");
  if (workflow.lockVersion < baseVersion)
    return invalid(`"${workflow.name}" has no version ${baseVersion}.`, {
      baseVersion: [`The newest version is ${workflow.lockVersion}.`],
    });
  const [draft] = await tx.select({ revision: drafts.revision }).from(drafts).where(isMine(ctx, workflowId));
  return conflict(
    draft
      ? `Your draft of "${workflow.name}" was saved in another window since. Load it there or here again, then repeat your change.`
      : `Your draft of "${workflow.name}" was saved as a version or discarded in another window.`,
    { revision: draft?.revision ?? null },
  );
}
