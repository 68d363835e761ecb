import { and, asc, eq, isNull, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import { drafts, projectMembers, snapshots, users, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { graphAt } from "@/lib/domain/workflow/difference";
import { type DraftGraph, toDraft } from "@/lib/editor/graph";
import { parseExact } from "@/lib/exact-json";
import { notFound } from "@/lib/refusal";
import { completeGraph } from "@/lib/workflow/complete";
import { isMine, personOf } from "./owner";
import { type Draft, type DraftHead, type DraftState, draftPlace } from "./schemas";

/**
 * Returns the caller's draft of a workflow with the version that it changes, who saved the present one, and who else has a
 * draft. Throws `not_found`, and `forbidden` for a repository's token.
 */
export async function getDraft(ctx: Context, input: z.input<typeof draftPlace>): Promise<DraftState> {
  requirePermission(ctx, "workflow.read");
  const { workflowId } = draftPlace.parse(input);
  personOf(ctx);
  const [around, draft] = await Promise.all([whatIsAround(ctx, workflowId), findDraft(ctx, workflowId)]);
  return { draft, ...around };
}

/** The same without the graphs: what a page asks for again and again. Throws alike. */
export async function getDraftHead(ctx: Context, input: z.input<typeof draftPlace>): Promise<DraftHead> {
  requirePermission(ctx, "workflow.read");
  const { workflowId } = draftPlace.parse(input);
  personOf(ctx);
  const { id, baseVersion, revision, updatedAt } = drafts;
  const [around, [row]] = await Promise.all([
    whatIsAround(ctx, workflowId),
    ctx.db.select({ id, baseVersion, revision, updatedAt }).from(drafts).where(isMine(ctx, workflowId)),
  ]);
  return { draft: row ? { ...row, updatedAt: row.updatedAt.toISOString() } : null, ...around };
}

async function whatIsAround(ctx: Context, workflowId: string): Promise<Omit<DraftHead, "draft">> {
  const [[workflow], others] = await Promise.all([
    ctx.db
      .select({
        lockVersion: workflows.lockVersion,
        savedBy: snapshots.createdBy,
        savedAt: snapshots.createdAt,
        note: snapshots.note,
      })
      .from(workflows)
      .innerJoin(snapshots, eq(snapshots.id, workflows.snapshotId))
      .where(
        and(
          eq(workflows.id, workflowId),
          eq(workflows.projectId, ctx.project.id),
          isNull(workflows.deletedAt),
        ),
      ),
    othersOf(ctx, workflowId),
  ]);
  if (!workflow) throw notFound("Workflow");
  return { workflow: { ...workflow, savedAt: workflow.savedAt.toISOString() }, others };
}

/** The text of a draft: the driver would read its filters as JavaScript's numbers. */
const graphText = sql<string>`${drafts.graph}::text`;

/** A stored draft, as people of this release write it. */
export const readDraft = (text: string): DraftGraph =>
  toDraft(completeGraph(parseExact(text) as unknown as Parameters<typeof completeGraph>[0]));

/** Returns the caller's draft of a workflow; null when there is none. For verbs that have asked for permission. */
export async function findDraft(ctx: Context, workflowId: string): Promise<Draft | null> {
  const { id, baseVersion, revision, note, createdAt, updatedAt } = drafts;
  const [row] = await ctx.db
    .select({ id, baseVersion, revision, note, createdAt, updatedAt, graph: graphText })
    .from(drafts)
    .where(isMine(ctx, workflowId));
  if (!row) return null;
  return {
    ...row,
    graph: readDraft(row.graph),
    base: toDraft(await graphAt(ctx, workflowId, row.baseVersion)),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

async function othersOf(ctx: Context, workflowId: string): Promise<DraftState["others"]> {
  const rows = await ctx.db
    .select({ name: sql<string>`coalesce(${users.name}, ${users.email})`, updatedAt: drafts.updatedAt })
    .from(drafts)
    .innerJoin(users, eq(users.id, drafts.userId))
    .innerJoin(
      projectMembers,
      and(eq(projectMembers.projectId, drafts.projectId), eq(projectMembers.userId, drafts.userId)),
    )
    .where(
      and(
        eq(drafts.workflowId, workflowId),
        eq(drafts.projectId, ctx.project.id),
        ne(drafts.userId, personOf(ctx)),
      ),
    )
    .orderBy(asc(drafts.updatedAt));
  return rows.map(({ name, updatedAt }) => ({ name, updatedAt: updatedAt.toISOString() }));
}
