import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { limits } from "@/lib/limits";
import { sendEvent } from "@/lib/queue/queue";
import { sqlJson } from "@/lib/sql-json";
import type { TestInput, TestMode, TestSource } from "@/lib/words";
import type { TestPins } from "./walkable";

/** A test that is asked for. What is run is the draft as it is in this commit. */
export type NewTest = {
  projectId: string;
  draftId: string;
  revision: number;
  mode: TestMode;
  source: TestSource;
  start: { triggerId: string } | { jobId: string; alone: boolean };
  inputOf: TestInput;
  messageId: string | null;
  dataclipId: string | null;
  stepId: string | null;
  /** JSON text. */
  input: string | null;
  /** Null: whoever runs it asks. */
  pins: TestPins | null;
};

/** Makes a test wait, in the caller's `write`, and lets the oldest of the draft go. Returns its id. */
export async function insertTest(tx: Db, test: NewTest): Promise<string> {
  const { projectId, draftId, start } = test;
  const [row] = await rows<{ id: string }>(
    tx,
    sql`insert into test_runs (project_id, draft_id, revision, source, mode, start_trigger_id, start_job_id, is_alone, input_of,
          message_id, dataclip_id, step_id, input, graph, pins)
        select ${projectId}::uuid, d.id, ${test.revision}, ${test.source}, ${test.mode},
          ${"triggerId" in start ? start.triggerId : null}::uuid, ${"jobId" in start ? start.jobId : null}::uuid,
          ${"jobId" in start && start.alone}, ${test.inputOf}, ${test.messageId}::uuid, ${test.dataclipId}::uuid, ${test.stepId}::uuid,
          ${test.input}, d.graph, ${test.pins && sqlJson(test.pins)}::jsonb
        from drafts d where d.id = ${draftId}::uuid and d.project_id = ${projectId}::uuid returning id`,
  );
  if (!row) throw new Error("The test was not stored.");
  await letOldestGo(tx, test);
  await sendEvent(tx, projectId, "test/requested", { testId: row.id, projectId });
  return row.id;
}

/** Beyond those that a draft may have. One that has not ended is never the oldest of so many. */
export async function letOldestGo(
  tx: Db,
  { draftId, projectId }: Pick<NewTest, "draftId" | "projectId">,
): Promise<void> {
  await tx.execute(
    sql`delete from test_runs where project_id = ${projectId}::uuid and finished_at is not null and id in (
          select id from test_runs where draft_id = ${draftId}::uuid and project_id = ${projectId}::uuid
          order by draft_id desc, id desc offset ${limits.testsKept})`,
  );
}
