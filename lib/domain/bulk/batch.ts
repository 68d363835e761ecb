import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { bulkActs, bulkRefusals, projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { bringBackLeft } from "@/lib/domain/run/bring-back";
import { write } from "@/lib/domain/write";
import type { Announce } from "@/lib/queue/announce";
import { queueBulkRuns } from "@/lib/queue/queue";
import type { BulkReason, BulkWait } from "@/lib/words";
import { findCandidates, type Refused } from "./candidates";
import { cancelRuns, takeBackRuns, unfinishedRuns } from "./end-runs";
import { type Act, nextItems } from "./items";
import { type Planned, planCandidates, type Room, readyOnes, roomOfPlan } from "./plan";

/** What carries acts out. */
export type BulkHost = { db: Db; announce: Announce };

/** Items that one transaction does at most. */
const batchItems = 200;
/**
 * Runs of an act that may wait to be started: so that pausing is felt at once, and nobody else's work stands behind a
 * heap.
 */
const mostUnstarted = 500;
/** A rate is kept in portions of about this long. */
const portionSeconds = 2;
const roomMs = 100;
const longestRoomMs = 10_000;
/** How often it says that it is looked after. */
const beatMs = 30_000;
const heldMs = 100;
const lookAgainMs = 2_000;
const longestRoundPauseMs = 10 * 60_000;

/** Which act, and for whose turn at it: somebody who was asked before the present turn leaves it. */
export type Asked = { actId: string; projectId: string; turn?: number | undefined };

/** Whether there is more to do, and after how many milliseconds. */
export type BatchResult = { isOver: boolean; waitMs: number };

const over: BatchResult = { isOver: true, waitMs: 0 };
const goOn = (waitMs = 0): BatchResult => ({ isOver: false, waitMs });

/**
 * Does the next few items of an act, if it is time: one transaction, which also moves the act's cursor behind them. Ended
 * anywhere, it has happened or not; of two at once the second finds the cursor moved and does nothing.
 */
export async function bulkBatch(host: BulkHost, ids: Asked): Promise<BatchResult> {
  const act = await readAct(host.db, ids);
  if (!act || (ids.turn !== undefined && ids.turn !== act.turn)) return over;
  const ctx = contextOf(host, act);
  if (act.state === "undoing") return takeBack(ctx, act);
  if (act.state !== "running") return over;
  const waitMs = act.nextAt.getTime() - Date.now();
  if (waitMs > 0) return goOn(waitMs);
  const room = act.kind === "cancel" ? batchItems : mostUnstarted - (await unstarted(ctx, act));
  if (room <= 0) return waitForRoom(ctx, act);
  const limit = Math.max(1, Math.min(batchItems, room, portionOf(act)));
  const items = await nextItems(ctx, act, { cursor: act.cursor, limit });
  const lost = act.kind === "cancel" ? [] : await bringBackLeft(ctx, "run.rerun", items.ids);
  const lostIds = new Set(lost.map(({ id }) => id));
  return write(ctx, "own", async (tx) => {
    const inside: Context = { ...ctx, db: tx };
    const result = (await isStill(tx, ctx, act))
      ? await (act.kind === "cancel"
          ? cancelItems(inside, act, items.ids)
          : queueItems(inside, act, items.ids, lostIds))
      : null;
    const waits = result
      ? await settle(tx, act, { ...result, seen: items.ids, after: items.after })
      : goOn(heldMs);
    return { result: waits, audit: null, changed: null };
  });
}

const portionOf = ({ ratePerMinute }: Act): number =>
  ratePerMinute === null ? batchItems : Math.ceil((ratePerMinute * portionSeconds) / 60);

async function readAct(
  db: Db,
  { actId, projectId }: { actId: string; projectId: string },
): Promise<Act | undefined> {
  const [act] = await db
    .select()
    .from(bulkActs)
    .where(and(eq(bulkActs.id, actId), eq(bulkActs.projectId, projectId)));
  return act;
}

/** Acts are carried out by the product itself, in the name of who began them: runs and cancellations say so. */
const contextOf = ({ db, announce }: BulkHost, { projectId }: Act): Context => ({
  actor: { type: "system", label: "bulk act" },
  project: { id: projectId, name: "" },
  role: "owner",
  db,
  announce,
});

async function unstarted(ctx: Context, { id }: Act): Promise<number> {
  const [found] = await rows<{ count: number }>(
    ctx.db,
    sql`/* checked: the act is the project's */ select count(*)::int as count from (
          select 1 from runs where bulk_act_id = ${id} and state = 'pending' limit ${mostUnstarted}
        ) waiting`,
  );
  return found?.count ?? 0;
}

/**
 * Locks the act. Whether it is still where it was read: nobody has paused it, or done the same items meanwhile; and its
 * project is not being deleted, which pauses it, but for one that is undone: resumed, it would go on with its work.
 */
async function isStill(tx: Db, { project }: Context, act: Act): Promise<boolean> {
  const [now] = await tx
    .select({ state: bulkActs.state, cursor: bulkActs.cursor, round: bulkActs.round })
    .from(bulkActs)
    .where(and(eq(bulkActs.projectId, project.id), eq(bulkActs.id, act.id)))
    .for("no key update");
  if (now?.state !== act.state || now.cursor !== act.cursor || now.round !== act.round) return false;
  if (act.state === "undoing") return true;
  const [closing] = await tx
    .select({ at: projects.deletionScheduledAt })
    .from(projects)
    .where(eq(projects.id, project.id));
  if (closing && closing.at === null) return true;
  await update(tx, act, {
    state: "paused",
    problem: "The project is being deleted. Once that is undone, the act can be resumed.",
    waitsFor: null,
  });
  return false;
}

/** What came of some items. Those from `stopsAt` on were not done and are to be done later. */
type Done = {
  itemIds: string[];
  runs: number;
  refused: Refused[];
  stopsAt: string | null;
  waitMs: number;
  waitsFor: BulkWait | null;
};

/** `lost`: messages whose bodies are not there any more, so that nobody can say what a run of them begins with. */
async function queueItems(ctx: Context, act: Act, ids: string[], lost: ReadonlySet<string>): Promise<Done> {
  const doing = { ...act, isChosen: act.ids !== null };
  const found = await findCandidates(ctx, doing, ids, lost);
  const plan = await planCandidates(ctx, found.candidates, act.onOriginal);
  const ready = await readyOnes(ctx, plan.planned);
  const room = await roomOfPlan(ctx);
  const fits = room === null || ready.planned.length <= room.runs;
  const planned = fits ? ready.planned : firstOf(ready.planned, room);
  const queued = await queueBulkRuns(
    ctx.db,
    { projectId: act.projectId, bulkActId: act.id, createdBy: act.createdBy },
    planned.map(({ itemId: _i, originalId: _o, lastRunId: _l, graph: _g, ...start }) => start),
  );
  const done = [...new Set(planned.map(({ itemId }) => itemId))];
  const left = ready.planned.slice(planned.length);
  // The month's end is far: what it leaves no room for is listed. A minute is waited for.
  const isRefused = !fits && room.isOver;
  const overPlan = isRefused
    ? [...new Set(left.map(({ itemId }) => itemId))].map((itemId): Refused => ({ itemId, reason: "plan" }))
    : [];
  const about = {
    itemIds: done,
    runs: queued.length,
    refused: [...found.refused, ...plan.refused, ...overPlan],
  };
  if (!fits && !room.isOver)
    return { ...about, stopsAt: left[0]?.itemId ?? null, waitMs: room.waitSeconds * 1_000, waitsFor: "plan" };
  const { waitSeconds } = ready;
  if (waitSeconds === null) return { ...about, stopsAt: null, waitMs: 0, waitsFor: null };
  const stopsAt = plan.planned[ready.planned.length]?.itemId ?? null;
  return { ...about, stopsAt, waitMs: waitSeconds * 1_000, waitsFor: "ten_seconds" };
}

/** As many as there is room for. In a minute's room an item goes as a whole, the first one also where it needs more. */
function firstOf(planned: Planned[], { runs, isOver }: Room): Planned[] {
  const first = planned.slice(0, runs);
  if (isOver || runs === 0) return first;
  const split = planned[runs]?.itemId;
  const whole = first.filter(({ itemId }) => itemId !== split);
  return whole.length > 0 ? whole : planned.filter(({ itemId }) => itemId === split);
}

async function cancelItems(ctx: Context, act: Act, ids: string[]): Promise<Done> {
  const of = { projectId: act.projectId, target: act.target, ids };
  const runs = await unfinishedRuns(ctx.db, of);
  const by = act.createdBy;
  const ended = await cancelRuns(
    ctx.db,
    { projectId: act.projectId, by },
    runs.map(({ runId }) => runId),
    `Cancelled by the bulk act “${act.name}”.`,
  );
  const endedIds = new Set(ended.map(({ id }) => id));
  // Somebody has them in hand just now, to start or to end them.
  const left = runs.find(({ runId }) => !endedIds.has(runId));
  const done = runs.filter(({ runId, itemId }) => endedIds.has(runId) && itemId !== left?.itemId);
  return {
    itemIds: [...new Set(done.map(({ itemId }) => itemId))],
    runs: ended.length,
    refused: [],
    stopsAt: left?.itemId ?? null,
    waitMs: left ? heldMs : 0,
    waitsFor: null,
  };
}

/** Moves the act on behind what was done, and says when it goes on. */
async function settle(
  tx: Db,
  act: Act,
  { seen, after, ...done }: Done & { seen: string[]; after: string | null },
): Promise<BatchResult> {
  const { stopsAt } = done;
  const isBefore = (id: string) => stopsAt === null || id < stopsAt;
  const passed = seen.filter(isBefore);
  const refused = done.refused.filter(({ itemId }) => isBefore(itemId));
  const newlyRefused = await keepRefusals(tx, act, refused);
  const rateMs = act.ratePerMinute === null ? 0 : (done.runs * 60_000) / act.ratePerMinute;
  const waitMs = Math.max(done.waitMs, rateMs);
  const roundRuns = act.roundRuns + done.runs;
  // A later pass comes by the same items once more, which are not others.
  const isFirst = act.round === 1;
  const counts = {
    seen: act.seen + (isFirst ? passed.length : 0),
    done: act.done + (isFirst ? done.itemIds.length : 0),
    refused: act.refused + newlyRefused.length,
    ...(newlyRefused.length > 0 ? { reasons: countedIn(act.reasons, newlyRefused) } : {}),
    runs: act.runs + done.runs,
    roundRuns,
  };
  const cursor = stopsAt === null ? after : (passed.at(-1) ?? act.cursor);
  if (stopsAt === null && after === null) return endOfPass(tx, { ...act, ...counts }, counts);
  await update(tx, act, {
    ...counts,
    cursor,
    nextAt: later(waitMs),
    waitsFor: done.waitsFor ?? (rateMs > 0 ? "rate" : null),
  });
  return goOn(waitMs);
}

async function endOfPass(tx: Db, act: Act, counts: Partial<Act>): Promise<BatchResult> {
  const isAgain = act.maxRounds > act.round && act.roundRuns > 0;
  if (!isAgain) {
    await update(tx, act, {
      ...counts,
      state: "done",
      cursor: null,
      waitsFor: null,
      endedAt: new Date(),
    });
    return over;
  }
  // The pass stays where it ended until all its runs have ended; then the next one begins.
  const [open] = await rows<{ id: string }>(
    tx,
    sql`/* checked: the act is the project's */ select id from runs where bulk_act_id = ${act.id} and state in ('pending', 'running') limit 1`,
  );
  const pauseMs = open ? lookAgainMs : Math.min(longestRoundPauseMs, 10_000 * 2 ** (act.round - 1));
  const next = open
    ? { cursor: act.until }
    : { round: act.round + 1, roundAt: later(pauseMs), roundRuns: 0, cursor: null };
  await update(tx, act, { ...counts, ...next, nextAt: later(pauseMs), waitsFor: "round" });
  return goOn(pauseMs);
}

/** Keeps those that are not kept yet. Returns their reasons. */
async function keepRefusals(tx: Db, act: Act, refused: Refused[]): Promise<BulkReason[]> {
  if (refused.length === 0) return [];
  const kept = await tx
    .insert(bulkRefusals)
    .values(
      refused.map(({ itemId, reason }) => ({ actId: act.id, projectId: act.projectId, itemId, reason })),
    )
    .onConflictDoNothing()
    .returning({ reason: bulkRefusals.reason });
  return kept.map(({ reason }) => reason);
}

function countedIn(before: Act["reasons"], reasons: BulkReason[]): NonNullable<Act["reasons"]> {
  const counts = { ...before };
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

async function takeBack(ctx: Context, act: Act): Promise<BatchResult> {
  return write(ctx, "own", async (tx) => {
    if (!(await isStill(tx, ctx, act))) return { result: goOn(heldMs), audit: null, changed: null };
    const words = `Taken back with the bulk act “${act.name}” before it had started.`;
    const of = { projectId: act.projectId, by: act.createdBy };
    const count = await takeBackRuns(tx, of, act, { words, most: batchItems });
    const isLeft = count === batchItems || (await unstarted({ ...ctx, db: tx }, act)) > 0;
    await update(tx, act, {
      takenBack: act.takenBack + count,
      ...(isLeft ? {} : { state: "undone" as const, waitsFor: null, endedAt: new Date() }),
    });
    return { result: isLeft ? goOn(count === 0 ? heldMs : 0) : over, audit: null, changed: null };
  });
}

const later = (ms: number): Date => new Date(Date.now() + ms);

/** The longer nothing has been started, the more rarely it looks. */
async function waitForRoom(ctx: Context, act: Act): Promise<BatchResult> {
  const idleMs = Date.now() - act.nextAt.getTime();
  const isSilent = Date.now() - act.beatAt.getTime() > beatMs;
  if (act.waitsFor !== "room" || isSilent)
    await write(ctx, "own", async (tx) => {
      await update(tx, act, { waitsFor: "room" });
      return { result: undefined, audit: null, changed: null };
    });
  return goOn(Math.min(longestRoomMs, Math.max(roomMs, idleMs / 10)));
}

async function update(tx: Db, { id, projectId }: Act, values: Partial<Act>): Promise<void> {
  await tx
    .update(bulkActs)
    .set({ ...values, beatAt: sql`clock_timestamp()` })
    .where(and(eq(bulkActs.id, id), eq(bulkActs.projectId, projectId)));
}
