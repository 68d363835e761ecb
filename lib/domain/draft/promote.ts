import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { drafts } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { codeProblems, isSwitchedOn, refuseUncompiled } from "@/lib/domain/workflow/compiled";
import { currentPins, pinAdaptors } from "@/lib/domain/workflow/pin";
import { presentWorkflow, refuseOther } from "@/lib/domain/workflow/present";
import { fieldDetails, fieldKey, refusalOf, type StoredProblem } from "@/lib/domain/workflow/problems";
import { withTakenNames } from "@/lib/domain/workflow/save";
import { versionNote } from "@/lib/domain/workflow/schemas";
import { savedWorkflow, writeWorkflow } from "@/lib/domain/workflow/write";
import { write } from "@/lib/domain/write";
import { type DraftGraph, toGraph } from "@/lib/editor/graph";
import { conflict, notFound, Refusal } from "@/lib/refusal";
import { takenPath } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { validateGraph } from "@/lib/workflow/validate-graph";
import { findDraft } from "./get";
import { isMine, personOf } from "./owner";
import { draftPlace, revision } from "./schemas";

export const promoteDraftInput = z.strictObject({
  revision,
  lockVersion: z.int().min(1).max(2_147_483_647).meta({
    description: "The workflow's present version, as whoever promotes has seen it.",
  }),
  note: versionNote
    .nullish()
    .meta({ description: "What is new in the version; left out: what the draft says." }),
});

export const promoted = savedWorkflow.extend({
  notes: z.array(z.string()).meta({ description: "What should be known of the version: a sentence each." }),
});
export type Promoted = z.infer<typeof promoted>;

const input = draftPlace.extend(promoteDraftInput.shape);
type Wanted = z.output<typeof input>;

/**
 * Makes the caller's draft the workflow's next version, and the draft is gone. Throws `not_found`; `conflict` when the draft
 * was saved elsewhere since `revision`, or is of another version than the present one, with which it is to be merged first;
 * and `invalid` with what is wrong, by field: unsound, an adaptor that cannot be had, code that does not compile where
 * something is switched on.
 */
export async function promoteDraft(
  ctx: Context,
  promotion: z.input<typeof input>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<Promoted> {
  requirePermission(ctx, "workflow.write");
  const wanted = input.parse(promotion);
  const { workflowId } = wanted;
  personOf(ctx);
  const [draft, present] = await Promise.all([findDraft(ctx, workflowId), presentWorkflow(ctx, workflowId)]);
  if (!draft) throw notFound("Your draft");
  if (draft.revision !== wanted.revision) throw savedElsewhere(draft.revision);
  refuseOther(present, wanted.lockVersion);
  refuseOther(present, draft.baseVersion);
  refuseUnsound(draft.graph);
  const graph = await pinnedOrRefused(ctx, draft.graph, deps.resolveAdaptor);
  await refuseUncompiled(ctx, graph);
  const notes = await notesOn(ctx, graph, present.archivedAt !== null);
  const note = wanted.note === undefined ? draft.note : wanted.note;
  return withFields(graph, () =>
    write(ctx, "workflow.write", async (tx) => {
      await takeDraft(tx, ctx, wanted);
      const { lockVersion } = wanted;
      const version = { id: workflowId, lockVersion, graph, source: "app", note } as const;
      const saved = await writeWorkflow({ ...ctx, db: tx }, version);
      return {
        result: { ...saved, notes },
        audit: {
          event: "draft.promote",
          itemId: workflowId,
          before: { lockVersion, revision: wanted.revision },
          after: { lockVersion: saved.lockVersion, changed: saved.changed, note },
        },
        changed: { workflows: [workflowId] },
      };
    }),
  );
}

const savedElsewhere = (now: number | null): Refusal =>
  conflict(
    "Your draft was saved in another window since. Load it again, look at what would change, then save it as a version.",
    { revision: now },
  );

async function takeDraft(tx: Db, ctx: Context, { workflowId, revision }: Wanted): Promise<void> {
  const [gone] = await tx
    .delete(drafts)
    .where(and(isMine(ctx, workflowId), eq(drafts.revision, revision)))
    .returning({ id: drafts.id });
  if (!gone) throw savedElsewhere(null);
}

function refuseUnsound(draft: DraftGraph): void {
  const problems = validateGraph(toGraph(draft));
  if (problems.length > 0) throw refusalOf(problems);
}

/** Outside of the transaction: the network may be asked. Every job whose adaptor cannot be had is named, not the first alone. */
async function pinnedOrRefused(
  ctx: Context,
  draft: DraftGraph,
  resolve: ResolveAdaptor,
): Promise<WorkflowGraph> {
  const missing: { problem: StoredProblem; refusal: Refusal }[] = [];
  const pins = await currentPins(ctx.db, ctx.project.id, draft);
  const graph = await pinAdaptors(draft, resolve, pins, ({ id }, refusal) => {
    const problem = { item: "job" as const, itemId: id, field: "adaptor", message: refusal.message };
    missing.push({ problem, refusal });
  });
  const [first] = missing;
  if (!first) return graph;
  const { code, message, details } = refusalOf(missing.map(({ problem }) => problem));
  // That nobody could be asked is another thing than that there is none.
  throw new Refusal(
    missing.every(({ refusal }) => refusal.code === "unavailable") ? "unavailable" : code,
    message,
    details,
  );
}

async function notesOn(ctx: Context, graph: WorkflowGraph, wasArchived: boolean): Promise<string[]> {
  if (isSwitchedOn(graph)) return wasArchived ? ["It is not archived any more: a trigger of it is on."] : [];
  const problems = await codeProblems(ctx, graph);
  const nameOf = (id: string | null) => graph.jobs.find((job) => job.id === id)?.name ?? "A job";
  return problems.map(
    ({ itemId, line, message }) =>
      `The code of ${nameOf(itemId)} does not compile (line ${line}: ${message}). The workflow cannot be switched on until it does.`,
  );
}

/** What the transaction refuses, with the fields that it is about. */
async function withFields<T>(graph: WorkflowGraph, work: () => Promise<T>): Promise<T> {
  try {
    return await withTakenNames(work);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, details = {}, retryAfterSeconds } = error;
    throw new Refusal(code, message, { ...fieldsOf(graph, error), ...details }, retryAfterSeconds);
  }
}

function fieldsOf(graph: WorkflowGraph, { message, details = {} }: Refusal): Record<string, string[]> {
  if (message === takenPath) {
    const named = graph.triggers.filter(({ customPath }) => customPath !== null);
    return fieldDetails(
      named.map(({ id }) => ({ item: "trigger", itemId: id, field: "customPath", message })),
    );
  }
  const { jobId, problems } = details;
  if (typeof jobId === "string")
    return { [fieldKey({ item: "job", itemId: jobId, field: "libraryJobId" })]: [message] };
  return Array.isArray(problems) ? fieldDetails(problems) : {};
}
