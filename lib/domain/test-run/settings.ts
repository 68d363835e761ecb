import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { write } from "@/lib/domain/write";
import type { DraftGraph } from "@/lib/editor/graph";
import { conflict, invalid } from "@/lib/refusal";
import { testModes } from "@/lib/words";
import { nextFire } from "@/lib/workflow/cron";
import { type OwnDraft, ownDraft } from "./own-draft";
import { schedulesOf } from "./schedules";
import type { DraftTest } from "./types";

/** How long a test URL stays open, and the clock is followed. */
export const testHours = 24;

const place = z.strictObject({ workflowId: clientUuid });

export const setDraftTestInput = z.strictObject({
  isOpen: z
    .boolean()
    .optional()
    .meta({ description: `Opens the test URL for ${testHours} hours from now, or closes it.` }),
  mode: z.enum(testModes).optional().meta({ description: "Of tests by URL and by clock." }),
  followsSchedule: z
    .boolean()
    .optional()
    .meta({ description: `Follows the draft's cron triggers for ${testHours} hours from now, or no more.` }),
  renew: z.literal(true).optional().meta({ description: "Makes a new test URL; the old one ends." }),
});

type Row = {
  mode: DraftTest["mode"] | null;
  openUntil: Date | string | null;
  scheduleUntil: Date | string | null;
};

/** How the caller's draft of a workflow is tested by itself. Throws `not_found`. */
export async function getDraftTest(ctx: Context, input: z.input<typeof place>): Promise<DraftTest> {
  requirePermission(ctx, "run.start");
  const draft = await ownDraft(ctx, ctx.db, place.parse(input).workflowId);
  return read(ctx.db, draft, ctx.project.id);
}

async function read(db: Db, draft: OwnDraft, projectId: string): Promise<DraftTest> {
  const [row] = await rows<Row>(
    db,
    sql`select mode, case when open_until > now() then open_until end as "openUntil",
          case when schedule_until > now() then schedule_until end as "scheduleUntil"
        from draft_tests where draft_id = ${draft.id}::uuid and project_id = ${projectId}::uuid`,
  );
  const { testId } = draft;
  const openUntil = isoOrNull(row?.openUntil ?? null);
  const scheduleUntil = isoOrNull(row?.scheduleUntil ?? null);
  return {
    ...{ testId, path: `/i/${testId}`, isOpen: openUntil !== null, openUntil, mode: row?.mode ?? "record" },
    ...{ scheduleUntil, nextAt: scheduleUntil && nextOf(draft.graph, new Date(scheduleUntil)) },
  };
}

/** When the first of the draft's cron triggers fires next, while they are followed. */
function nextOf(graph: DraftGraph, until: Date): string | null {
  const now = new Date();
  const times = schedulesOf(graph).flatMap(({ schedule }) => nextFire(schedule, now)?.getTime() ?? []);
  const next = Math.min(...times);
  return next < until.getTime() ? new Date(next).toISOString() : null;
}

/**
 * Opens or closes the test URL of the caller's draft, follows its clock or not, says how they are tested, makes a new URL.
 * Throws `not_found`, `invalid` for a clock that there is not, `conflict` for sending from what is paused.
 */
export function setDraftTest(
  ctx: Context,
  input: z.input<typeof place> & z.input<typeof setDraftTestInput>,
): Promise<DraftTest> {
  return write(ctx, "run.start", async (tx) => {
    const { workflowId, isOpen, mode, followsSchedule, renew } = place
      .extend(setDraftTestInput.shape)
      .parse(input);
    const draft = await ownDraft(ctx, tx, workflowId, true);
    if (followsSchedule && schedulesOf(draft.graph).length === 0)
      throw invalid("The draft has no cron trigger with a schedule that can be followed. Add one first.");
    if (mode === "send" && draft.isPaused) throw conflict(pausedSentence);
    const projectId = ctx.project.id;
    const before = await read(tx, draft, projectId);
    await tx.execute(
      sql`insert into draft_tests (draft_id, project_id) values (${draft.id}::uuid, ${projectId}::uuid) on conflict do nothing`,
    );
    const until = sql`now() + make_interval(hours => ${testHours})`;
    const sets = [
      ...(mode === undefined ? [] : [sql`mode = ${mode}`]),
      ...(isOpen === undefined ? [] : [sql`open_until = ${isOpen ? until : null}`]),
      ...(followsSchedule === undefined
        ? []
        : [
            sql`schedule_until = ${followsSchedule ? until : null}`,
            sql`schedule_seen = ${followsSchedule ? sql`now()` : null}`,
          ]),
    ];
    if (sets.length > 0)
      await tx.execute(
        sql`update draft_tests set ${sql.join(sets, sql`, `)} where draft_id = ${draft.id}::uuid and project_id = ${projectId}::uuid`,
      );
    const testId = renew ? await renewed(tx, draft.id, projectId) : draft.testId;
    const result = await read(tx, { ...draft, testId }, projectId);
    return {
      result,
      audit: {
        event: "draft.test",
        itemId: workflowId,
        before: told(before),
        after: { ...told(result), ...(renew ? { isRenewed: true } : {}) },
      },
      changed: null,
    };
  });
}

export const pausedSentence =
  "This workflow, or its project, is paused, so nothing is sent from it. Test it with recorded requests, or resume it first.";

async function renewed(tx: Db, draftId: string, projectId: string): Promise<string> {
  const [row] = await rows<{ testId: string }>(
    tx,
    sql`update drafts set test_id = gen_random_uuid() where id = ${draftId}::uuid and project_id = ${projectId}::uuid returning test_id as "testId"`,
  );
  return row?.testId ?? "";
}

/** Whoever knows the URL can test with it, so the record does not have it. */
const told = ({ testId: _, path: __, nextAt: ___, ...rest }: DraftTest) => rest;
