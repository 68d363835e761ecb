import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { joinCounts } from "@/lib/domain/usage/join-counts";
import { getWorkflowCounts } from "@/lib/domain/workflow/counts";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase, testConnect } from "@/lib/testing/database";
import { dice } from "@/lib/testing/dice";
import { playHistory } from "@/lib/testing/outcomes/history";

let database: Database;

beforeAll(async () => {
  database = await ownTestDatabase();
});

type Row = { key: string; count: number };
const sorted = (rows: Row[]) => Object.fromEntries(rows.map(({ key, count }) => [key, count]));

/** By workflow, job and outcome, of all time: what is counted, and what is there. */
const countedOf = async (projectId: string) =>
  sorted(
    await database.query<Row>(
      `select concat_ws(' ', workflow_id, job_id, outcome) as key, sum(count)::int as count from end_counts
       where project_id = $1 group by 1 having sum(count) <> 0 order by 1`,
      [projectId],
    ),
  );
const scannedOf = async (projectId: string) =>
  sorted(
    await database.query<Row>(
      `select key, count(*)::int as count from (
         select concat_ws(' ', workflow_id, '00000000-0000-0000-0000-000000000000', state) as key from runs
         where project_id = $1 and state not in ('pending', 'running')
         union all
         select concat_ws(' ', workflow_id, job_id, exit_reason) from steps where project_id = $1 and exit_reason is not null
       ) ends group by 1 order by 1`,
      [projectId],
    ),
  );

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "after any history each end is counted once, and again when its rows were put together (%i)",
  async (seed) => {
    const { ctx } = await playHistory(dice(seed), 24);
    const there = await scannedOf(ctx.project.id);
    expect(await countedOf(ctx.project.id)).toEqual(there);
    // As if it had been hours ago, counted by several connections.
    await database.query(
      "update end_counts set hour = hour - interval '3 hours', count = count - 1 where project_id = $1",
      [ctx.project.id],
    );
    await database.query(
      `insert into end_counts (project_id, workflow_id, job_id, hour, outcome, slot, count)
       select project_id, workflow_id, job_id, hour, outcome, max(slot) + 1, count(*) from end_counts where project_id = $1 group by 1, 2, 3, 4, 5`,
      [ctx.project.id],
    );
    await joinAtOnce();
    expect(await countedOf(ctx.project.id)).toEqual(there);
    expect(
      await database.query(
        "select 1 from end_counts where project_id = $1 and slot <> 0 and hour < date_trunc('hour', now() - interval '1 hour')",
        [ctx.project.id],
      ),
    ).toEqual([]);
    // As if it had been long ago, in several hours of several days, some of which were counted late.
    await database.query(
      `insert into end_counts (project_id, workflow_id, job_id, hour, outcome, slot, count)
       select project_id, workflow_id, job_id, date_trunc('day', hour, 'UTC') - d * interval '1 day' + h * interval '1 hour', outcome, h, -5 * count(*)
       from end_counts, generate_series(43, 44) d, unnest(array[0, 7]) h where project_id = $1 and slot = 0 group by 1, 2, 3, 4, 5, 6`,
      [ctx.project.id],
    );
    await database.query(
      "update end_counts set hour = hour - interval '40 days', count = count + 20 where project_id = $1 and slot = 0 and hour > now() - interval '2 days'",
      [ctx.project.id],
    );
    await joinAtOnce();
    expect(await countedOf(ctx.project.id)).toEqual(there);
    expect(
      await database.query(
        "select 1 from end_counts where project_id = $1 and (slot <> -1 or hour <> date_trunc('day', hour, 'UTC')) and hour < now() - interval '35 days'",
        [ctx.project.id],
      ),
    ).toEqual([]);
  },
);

/** Three at once, then whatever they left to each other. */
async function joinAtOnce(): Promise<void> {
  await Promise.all([1, 2, 3].map(() => joinCounts(database, { rowsAtOnce: 2 })));
  while (!(await joinCounts(database)));
}

test("of a project that is gone nothing stays, whoever counted there last; one that is about to go is left to its purge", async () => {
  const gone = crypto.randomUUID();
  const { ctx } = await createClinic();
  await database.query("update projects set deletes_at = now() where id = $1", [ctx.project.id]);
  for (const id of [gone, ctx.project.id])
    await database.query(
      `insert into end_counts (project_id, workflow_id, job_id, hour, outcome, slot, count)
       select $1, uuid_v7(), uuid_v7(), now() - n * interval '20 days', 'lost', s, 1 from generate_series(1, 2) n, generate_series(0, 1) s`,
      [id],
    );
  await joinAtOnce();
  const left = await database.query(
    "select project_id, slot from end_counts where project_id = any($1) order by 1, 2",
    [[gone, ctx.project.id]],
  );
  expect(left.filter(({ project_id }) => project_id === ctx.project.id)).toHaveLength(4);
  // A joined hour of its last month goes when that is over.
  expect(left.filter(({ project_id }) => project_id === gone)).toEqual([{ project_id: gone, slot: 0 }]);
});

async function ended(clinic: Clinic): Promise<void> {
  await clinic.execute(await clinic.receive({ form: "visit" }), () => ({ output: '{"data":1}' }));
}

test("says by hour what the workflow's runs and jobs came to; what is deleted stays counted", async () => {
  const clinic = await createClinic();
  await ended(clinic);
  const [of] = await database.query<{ id: string; jobs: number }>(
    `select workflow_id as id, count(*)::int as jobs from steps where project_id = $1 group by 1 order by 2 desc, 1 limit 1`,
    [clinic.ctx.project.id],
  );
  const id = of?.id ?? "";
  const counts = await getWorkflowCounts(clinic.ctx, { id });
  const there = await scannedOf(clinic.ctx.project.id);
  const total = (object: object) => Object.values(object).reduce((sum: number, n) => sum + Number(n), 0);
  expect(counts.hours).toHaveLength(24);
  expect(total(counts.runs)).toBeGreaterThan(0);
  expect(counts.hours.reduce((sum, { runs }) => sum + total(runs), 0)).toBe(total(counts.runs));
  expect(total(counts.runs) + counts.jobs.reduce((sum, { steps }) => sum + total(steps), 0)).toBe(
    Object.entries(there).reduce((sum, [key, count]) => sum + (key.startsWith(id) ? count : 0), 0),
  );
  // The database was made a moment ago, and counted before the workflow was there.
  expect(counts.since).toBeNull();
  await database.query("update workflows set created_at = now() - interval '2 days' where id = $1", [id]);
  expect((await getWorkflowCounts(clinic.ctx, { id })).since).not.toBeNull();
  await database.query("update workflows set created_at = now() where id = $1", [id]);
  await database.query("delete from runs where project_id = $1", [clinic.ctx.project.id]);
  expect(await getWorkflowCounts(clinic.ctx, { id })).toEqual(counts);
});

test("an end that becomes another is counted once, one that is taken back not at all", async () => {
  const clinic = await createClinic();
  await ended(clinic);
  const projectId = clinic.ctx.project.id;
  for (const change of [
    "update runs set state = 'lost' where project_id = $1 and state = 'success'",
    "update runs set state = 'running', finished_at = null where project_id = $1",
    "update steps set exit_reason = 'kill' where project_id = $1",
    "update steps set exit_reason = null, finished_at = null where project_id = $1",
  ]) {
    await database.query(change, [projectId]);
    expect(await countedOf(projectId)).toEqual(await scannedOf(projectId));
  }
});

test("nobody who ends a run waits for another who ended one of the same workflow and has not committed", async () => {
  const clinic = await createClinic();
  for (let n = 0; n < 2; n++) await clinic.receive({ form: "visit" });
  const projectId = clinic.ctx.project.id;
  const runs = await database.query<{ id: string }>(
    `select id from runs where project_id = $1 and workflow_id = (select workflow_id from runs where project_id = $1 order by id limit 1) order by id`,
    [projectId],
  );
  const [first, second] = runs;
  if (!first || !second) throw new Error("There are two runs.");
  const end = "update runs set state = 'cancelled', finished_at = now() where id = $1";
  const another = testConnect(process.env.DATABASE_URL ?? "", { max: 1 });
  try {
    await database.transaction(async (sql) => {
      await sql.query(end, [first.id]);
      // The first one commits when the second has ended: whoever waited for it would wait without an end.
      await another.query("set lock_timeout = '5s'");
      await another.query(end, [second.id]);
    });
  } finally {
    await another.close();
  }
  expect(await countedOf(projectId)).toEqual(await scannedOf(projectId));
});
