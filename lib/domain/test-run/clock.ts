import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { readDraft } from "@/lib/domain/draft/get";
import { write } from "@/lib/domain/write";
import { limits } from "@/lib/limits";
import { log } from "@/lib/log";
import type { TestMode } from "@/lib/words";
import { countFires, type Schedule } from "@/lib/workflow/cron";
import type { TestHost } from "./host";
import { insertTest } from "./insert";
import { schedulesOf } from "./schedules";

type Host = Pick<TestHost, "db" | "announce">;

/** How many drafts one tick looks at. */
const atOnce = 500;
const actor = { type: "system", label: "tests" } as const;

/**
 * Makes a test for every cron trigger of a draft that is followed and due, with what its next run would begin with. Nothing
 * of the live trigger moves. Any number of engines may do so at once: a draft's turn is claimed. Returns how many there were.
 */
export async function testDueSchedules(host: Host, now = new Date()): Promise<number> {
  const found = await rows<{ draftId: string; projectId: string }>(
    host.db,
    sql`/* all tenants: the clock */ select draft_id as "draftId", project_id as "projectId" from draft_tests
        where schedule_until > ${now.toISOString()}::timestamptz order by schedule_until limit ${atOnce}`,
  );
  let made = 0;
  for (const one of found) {
    try {
      made += await testDue(host, one, now);
    } catch (error) {
      log.warn("A draft's clock could not be followed", { projectId: one.projectId, error });
    }
  }
  return made;
}

type Row = { seen: Date | string; mode: TestMode; revision: number; graph: string; waiting: number };

function testDue(
  host: Host,
  { draftId, projectId }: { draftId: string; projectId: string },
  now: Date,
): Promise<number> {
  return write({ ...host, actor, project: { id: projectId } }, "own", async (tx) => {
    const [row] = await rows<Row>(
      tx,
      sql`select s.schedule_seen as seen, s.mode, d.revision, d.graph::text as graph,
            (select count(*)::int from test_runs t where t.project_id = d.project_id and t.state = 'waiting') as waiting
          from draft_tests s join drafts d on d.id = s.draft_id
            join workflows w on w.id = d.workflow_id and w.deleted_at is null
            join projects p on p.id = d.project_id and p.deletion_scheduled_at is null
            join project_members m on m.project_id = d.project_id and m.user_id = d.user_id and m.role <> 'viewer'
          where s.draft_id = ${draftId}::uuid and s.project_id = ${projectId}::uuid and s.schedule_seen < ${now.toISOString()}::timestamptz
          for update of s skip locked`,
    );
    if (!row) return { result: 0, audit: null, changed: null };
    await tx.execute(
      sql`update draft_tests set schedule_seen = ${now.toISOString()}::timestamptz
          where draft_id = ${draftId}::uuid and project_id = ${projectId}::uuid`,
    );
    const seen = new Date(row.seen);
    const due = schedulesOf(readDraft(row.graph)).filter(({ schedule }) => isDue(schedule, seen, now));
    const ids: string[] = [];
    for (const { trigger } of due.slice(0, Math.max(0, limits.testsWaiting - row.waiting)))
      ids.push(
        await insertTest(tx, {
          ...{ projectId, draftId, revision: row.revision, mode: row.mode, source: "clock" },
          ...{ start: { triggerId: trigger.id }, inputOf: "clock", pins: null },
          ...{ messageId: null, dataclipId: null, stepId: null, input: null },
        }),
      );
    return { result: ids.length, audit: null, changed: ids.length > 0 ? { tests: ids } : null };
  });
}

/** What was missed while no engine ran is made up for by one test, as a live clock does. */
const isDue = (schedule: Schedule, seen: Date, now: Date): boolean => countFires(schedule, seen, now, 1) > 0;
