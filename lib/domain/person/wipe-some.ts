import { and, asc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";
import { personItems } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import {
  madeWeight,
  maxWeight,
  stateWeight,
  stepWeight,
  type Weighed,
  weightsOf,
  within,
} from "@/lib/domain/retention/weight";
import { write } from "@/lib/domain/write";
import type { PersonKind } from "@/lib/words";
import { finderOf, openKeys } from "./keys";
import { isStill, newestId, type RequestRow, update } from "./rows";
import { wipers } from "./wipers";

/** Things that one transaction wipes at most. */
const batchItems = 100;
/** How long it waits for runs to end before it looks again. */
const pauseMs = 10_000;

/**
 * Wipes the next few of the chosen things: one transaction, which also says that they are wiped. What a run has in hand
 * waits for its end; everything else does not wait for it.
 */
export async function wipeSome(ctx: Context, request: RequestRow): Promise<void> {
  const { projectId, sealed } = request;
  if (sealed === null) throw new Error("There is nothing to wipe by.");
  const finder = await finderOf(projectId, openKeys(projectId, sealed));
  await write(ctx, "own", async (tx) => {
    const nothing = { result: undefined, audit: null, changed: null };
    if (!(await isStill(tx, request))) return nothing;
    const items = await lightEnough(tx, projectId, await nextItems(tx, request));
    const last = items.at(-1);
    if (!last) {
      await endOfPass(tx, request);
      return nothing;
    }
    const done: number[] = [];
    const messages: string[] = [];
    for (const [kind, of] of byKind(items)) {
      const ids = of.map(({ itemId }) => itemId);
      const wiped = new Set(await wipers[kind](tx, { projectId, requestId: request.id, finder, ids }));
      for (const { seq, itemId } of of) if (wiped.has(itemId)) done.push(seq);
      if (kind === "message") messages.push(...wiped);
    }
    await tx
      .update(personItems)
      .set({ wipedAt: sql`clock_timestamp()`, excerpt: null })
      .where(and(eq(personItems.projectId, projectId), inArray(personItems.seq, done)));
    await update(tx, request, {
      cursor: String(last.seq),
      wiped: request.wiped + done.length,
    });
    return { ...nothing, changed: messages.length > 0 ? { messages } : null };
  });
}

type Chosen = { seq: number; kind: PersonKind; itemId: string };

function nextItems(tx: Db, { id, projectId, cursor }: RequestRow): Promise<Chosen[]> {
  const { requestId, isChosen, wipedAt, seq, kind, itemId } = personItems;
  return tx
    .select({ seq, kind, itemId })
    .from(personItems)
    .where(
      and(
        eq(requestId, id),
        eq(personItems.projectId, projectId),
        eq(isChosen, true),
        isNull(wipedAt),
        gt(seq, Number(cursor ?? 0)),
      ),
    )
    .orderBy(asc(seq))
    .limit(batchItems);
}

const state: Weighed = { table: "dataclips", weight: stateWeight("t") };
const weighed: Partial<Record<PersonKind, Weighed>> = {
  message: { table: "messages", weight: madeWeight("t") },
  step: { table: "steps", weight: stepWeight("t") },
  input: state,
  saved_input: state,
  cursor: state,
};

/** The first of them: as many as one transaction may wipe by what they weigh, and one in any case. */
async function lightEnough(tx: Db, projectId: string, items: Chosen[]): Promise<Chosen[]> {
  const weights = new Map<string, number>();
  for (const [kind, of] of byKind(items)) {
    const how = weighed[kind];
    if (!how) continue;
    const ids = of.map(({ itemId }) => itemId);
    for (const one of await weightsOf({ query: queryOf(tx) }, how, projectId, ids)) weights.set(...one);
  }
  return within(
    items.map((item) => ({ ...item, weight: weights.get(item.itemId) ?? 1 })),
    maxWeight,
  );
}

function byKind(items: Chosen[]): Map<PersonKind, Chosen[]> {
  const kinds = new Map<PersonKind, Chosen[]>();
  for (const item of items) kinds.set(item.kind, [...(kinds.get(item.kind) ?? []), item]);
  return kinds;
}

/** What waited is tried again after a pause. When nothing does, everything is looked through once more. */
async function endOfPass(tx: Db, request: RequestRow): Promise<void> {
  const left = await tx.$count(
    personItems,
    and(
      eq(personItems.requestId, request.id),
      eq(personItems.projectId, request.projectId),
      eq(personItems.isChosen, true),
      isNull(personItems.wipedAt),
    ),
  );
  if (left > 0)
    await update(tx, request, { cursor: null, waiting: left, nextAt: new Date(Date.now() + pauseMs) });
  else
    await update(tx, request, {
      state: "verifying",
      until: await newestId(tx),
      place: 0,
      cursor: null,
      part: 0,
      waiting: 0,
    });
}
