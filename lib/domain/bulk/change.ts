import { and, eq } from "drizzle-orm";
import { bulkActs } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import type { BulkState } from "@/lib/words";
import { beginTurn } from "./carry-out";
import { readBulkAct } from "./get";
import type { BulkAct } from "./schemas";
import { permissionOf } from "./start";

type Change = {
  event: string;
  from: readonly BulkState[];
  to: BulkState;
  /** Says why it cannot be done in another state. */
  otherwise: string;
};

/** It goes on with nothing more until it is resumed. What it has queued is carried out. Throws `not_found`, `conflict`. */
export const pauseBulk = (ctx: Context, id: string): Promise<BulkAct> =>
  change(ctx, id, {
    event: "bulk.pause",
    from: ["running"],
    to: "paused",
    otherwise: "Only an act that is under way can be paused.",
  });

/** Goes on where it was paused. Throws `not_found`, `conflict`. */
export const resumeBulk = (ctx: Context, id: string): Promise<BulkAct> =>
  change(ctx, id, {
    event: "bulk.resume",
    from: ["paused"],
    to: "running",
    otherwise: "Only a paused act can be resumed.",
  });

/** Ends it for good; what it has queued is carried out all the same. Throws `not_found`, `conflict`. */
export const abortBulk = (ctx: Context, id: string): Promise<BulkAct> =>
  change(ctx, id, {
    event: "bulk.abort",
    from: ["running", "paused"],
    to: "aborted",
    otherwise: "It has ended already.",
  });

/**
 * Ends it and takes back what it has queued and has not started: those runs are cancelled, and their work orders stand as
 * they did before. Throws `not_found`, `conflict` for one whose work was cancelling.
 */
export const undoBulk = (ctx: Context, id: string): Promise<BulkAct> =>
  change(ctx, id, {
    event: "bulk.undo",
    from: ["running", "paused", "done", "aborted"],
    to: "undoing",
    otherwise: "It is being undone, or was.",
  });

async function change(ctx: Context, id: string, { event, from, to, otherwise }: Change): Promise<BulkAct> {
  const { kind } = await readBulkAct(ctx, id);
  return write(ctx, permissionOf(kind), async (tx) => {
    const isIt = () => and(eq(bulkActs.projectId, ctx.project.id), eq(bulkActs.id, id));
    const [act] = await tx
      .select({ state: bulkActs.state })
      .from(bulkActs)
      .where(isIt())
      .for("no key update");
    if (!act) throw notFound("The bulk act");
    if (!from.includes(act.state)) throw conflict(`${otherwise} This one is ${act.state}.`);
    if (to === "undoing" && kind === "cancel")
      throw conflict("What was cancelled cannot be taken back. Rerun it instead.");
    const goesOn = to === "running" || to === "undoing";
    await tx
      .update(bulkActs)
      .set({
        state: to,
        waitsFor: null,
        problem: null,
        endedAt: to === "aborted" ? new Date() : null,
      })
      .where(isIt());
    if (goesOn) await beginTurn(tx, { actId: id, projectId: ctx.project.id });
    return {
      result: await readBulkAct({ ...ctx, db: tx }, id),
      audit: { event, itemId: id, before: { state: act.state }, after: { state: to } },
      changed: null,
    };
  });
}
