import { sql } from "drizzle-orm";
import type { z } from "zod";
import { keyset } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { ownDraft } from "./own-draft";
import type { TestRow } from "./types";

export const listTestsInput = pageInput.extend({ workflowId: clientUuid });

type Moments = "cancelRequestedAt" | "startedAt" | "finishedAt";
export type StoredTest = Omit<TestRow, Moments | "createdAt"> &
  Record<Moments, Date | string | null> & { createdAt: Date | string };

/** Columns of `test_runs t` for a row of a list. */
export const testColumns = sql`t.id, t.state, t.mode, t.source, t.revision, t.start_trigger_id as "triggerId", t.start_job_id as "jobId",
  t.is_alone as alone, t.input_of as "inputOf", t.message_id as "messageId", t.dataclip_id as "dataclipId", t.step_id as "stepId",
  t.error_type as "errorType", t.cancel_requested_at as "cancelRequestedAt", t.created_at as "createdAt",
  t.started_at as "startedAt", t.finished_at as "finishedAt"`;

export const toTestRow = ({
  cancelRequestedAt,
  createdAt,
  startedAt,
  finishedAt,
  ...row
}: StoredTest): TestRow => ({
  ...row,
  cancelRequestedAt: isoOrNull(cancelRequestedAt),
  createdAt: iso(createdAt),
  startedAt: isoOrNull(startedAt),
  finishedAt: isoOrNull(finishedAt),
});

/** The tests of the caller's draft of a workflow without what they came to, newest first. Throws `not_found`. */
export async function listTests(ctx: Context, input: z.input<typeof listTestsInput>): Promise<Page<TestRow>> {
  requirePermission(ctx, "run.start");
  const { workflowId, cursor, limit } = listTestsInput.parse(input);
  const { id } = await ownDraft(ctx, ctx.db, workflowId);
  const ofDraft = keyset([[sql`t.draft_id`, sql`${id}::uuid`]], sql`t.id`, { before: cursor });
  const found = await rows<StoredTest>(
    ctx.db,
    sql`select ${testColumns} from test_runs t where ${ofDraft.where} and t.project_id = ${ctx.project.id}::uuid
        order by ${ofDraft.newestFirst} limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPage(found, limit);
  return { items: items.map(toTestRow), nextCursor };
}
