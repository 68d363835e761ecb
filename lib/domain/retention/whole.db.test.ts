import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { keepPartitions } from "@/lib/domain/partition/keep";
import { partitionsOf } from "@/lib/domain/partition/parts";
import { getRun } from "@/lib/domain/run/get";
import { listRuns } from "@/lib/domain/run/list";
import { listLogLines } from "@/lib/domain/run/log-lines";
import { listLogs } from "@/lib/domain/run/logs";
import { countBytes } from "@/lib/domain/usage/count-bytes";
import { sqlJson } from "@/lib/sql-json";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import type { RunState } from "@/lib/words";
import { previewRetention } from "./preview";
import { carryOutRetention } from "./retain";
import { keepAll } from "./settings";

const dayMs = 86_400_000;
const hourMs = dayMs / 24;
/** Days that there are partitions for, each one's own, up to today. */
const days = 30;
const today = Math.floor(Date.now() / dayMs) * dayMs;
const said = "said by a step";

let database: Database;
let clinics: Clinic[];
beforeAll(async () => {
  database = await ownTestDatabase();
  clinics = await Promise.all([createClinic(), createClinic(), createClinic()]);
});
beforeEach(() => anew());

async function anew(): Promise<void> {
  for (const { name } of await partitionsOf(database, "log_lines"))
    await database.query(`drop table ${name}`);
  await database.query("delete from work_orders");
  await database.query("truncate logs_gone, retention_cursors, retention_left, usage_days, log_lines");
  await database.query("update projects set retention = null, retains_from = null");
  for (let day = -days; day <= 0; day++)
    await database.query(
      `create table ${named(day)} partition of log_lines for values from ('${idAt(day)}') to ('${idAt(day + 1)}')`,
    );
}

const named = (day: number) =>
  `log_lines_${new Date(today + day * dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
const momentOf = (day: number) => new Date(today + day * dayMs);
const idAt = (day: number) => firstIdAt(momentOf(day));
/** An id of its own, of a moment. */
const newId = (at: number) => firstIdAt(new Date(at)).slice(0, 14) + randomUUID().slice(14);

type Made = { clinic: Clinic; orderId: string; runId: string; stepId: string };
type Run = { at: number; stepAt?: number; state?: RunState; of?: Made; lines?: number; error?: string };

/** A run with a step and the lines of its log, of a work order of its own, or another one of a work order. */
async function run(
  clinic: Clinic,
  { at, stepAt = at + 1, state = "success", of, lines = 3, error }: Run,
): Promise<Made> {
  const [orderId, runId, stepId] = [of?.orderId ?? newId(at), newId(at), newId(stepAt)];
  const isOver = state !== "pending" && state !== "running";
  const { project } = clinic;
  const where = [project.id, clinic.workflows.hook];
  await database.query(
    `insert into work_orders (id, project_id, workflow_id, snapshot_id, state, last_activity) select $3, $1, $2, snapshot_id, $4, moment_of($3) from workflows where id = $2
     on conflict (id) do update set state = excluded.state`,
    [...where, orderId, state],
  );
  await database.query(
    `insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state, starting_job_id, error_message, finished_at)
     select $3, $1, $2, $4, snapshot_id, $5, $6, $7, case when $8 then now() end from workflows where id = $2`,
    [...where, runId, orderId, state, clinic.jobs.hooked, error ?? null, isOver],
  );
  await database.query(
    `insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, log_lines, exit_reason, error_type, error_message, started_at, finished_at)
     select $3, $1, $4, $2, $5, 'Job', 'a@1', 0, $6, case when $9 then 'success' end, $7, $8, moment_of($4), case when $9 then moment_of($4) end`,
    [...where, stepId, runId, clinic.jobs.hooked, lines, error ? "JobError" : null, error ?? null, isOver],
  );
  await database.query(
    `insert into log_lines (step_id, seq, at, level, source, message)
     select $1, n, now(), 'info', 'JOB', $3 from generate_series(0, $2::int - 1) n`,
    [stepId, lines, said],
  );
  return { clinic, orderId, runId, stepId };
}

const keep = (clinic: Clinic, logs: { success: number | null; failure: number | null } | null) =>
  database.query("update projects set retention = $2::jsonb where id = $1", [
    clinic.project.id,
    logs && sqlJson({ ...keepAll, logs }),
  ]);
const both = (of: number) => ({ success: of, failure: of });

async function retain(now: Date, host: Database = database): Promise<void> {
  for (let round = 0; round < 20; round++)
    if ((await carryOutRetention(host, 60_000, { now })).isDone) return;
  throw new Error("It does not come to an end.");
}

const shown = async ({ clinic, stepId }: Made) => (await listLogs(clinic.ctx, stepId, {})).items.length;
const stored = async (made: Pick<Made, "stepId">) =>
  (await database.query("select 1 from log_lines where step_id = $1", [made.stepId])).length;
const isPartition = async (day: number) =>
  (await partitionsOf(database, "log_lines")).some(({ name }) => name === named(day));
const mine = (): Clinic => {
  const [clinic] = clinics;
  if (!clinic) throw new Error("There is no clinic.");
  return clinic;
};
const another = (): Clinic => {
  const [, clinic] = clinics;
  if (!clinic) throw new Error("There is no other clinic.");
  return clinic;
};
const gone = async () =>
  database.query(
    "select project_id, sum(gone_logs)::int as logs, sum(gone_log_bytes)::int as bytes from usage_days group by 1 having sum(gone_logs) > 0 order by sum(gone_logs)",
  );

describe("a day of logs that nobody keeps", () => {
  test("goes with its partition, and no step is written to", async () => {
    const clinic = mine();
    const old = [];
    for (let n = 0; n < 20; n++) old.push(await run(clinic, { at: today - 10 * dayMs + n * hourMs }));
    const young = await run(clinic, { at: today - 3 * dayMs });
    while (!(await countBytes(database, { lagMs: 0 })));
    await keep(clinic, both(7));
    const before = await previewRetention(clinic.ctx, {
      retention: { ...keepAll, logs: both(7) },
      persistence: "retain_all",
    });
    await retain(momentOf(0));
    expect(await Promise.all(old.map(shown))).toEqual(old.map(() => 0));
    expect([await shown(young), await isPartition(-10), await isPartition(-3)]).toEqual([3, false, true]);
    expect(await database.query("select 1 from steps where wiped_at is not null")).toEqual([]);
    expect(await gone()).toEqual([
      { project_id: clinic.project.id, logs: old.length, bytes: old.length * 3 * said.length },
    ]);
    const after = await previewRetention(clinic.ctx, {
      retention: { ...keepAll, logs: both(7) },
      persistence: "retain_all",
    });
    expect([before.logs.steps, after.logs.steps]).toEqual([old.length, 0]);
  });

  test("is out of sight wherever it was shown, and it is said when and after how long it went", async () => {
    const clinic = mine();
    const old = await run(clinic, { at: today - 10 * dayMs, state: "failed", error: "No Amina" });
    // The day is not over: it is there still, and a stranger has something there, too.
    const waits = await run(clinic, { at: today - 8 * dayMs + hourMs, state: "failed" });
    const stranger = await run(another(), { at: today - 8 * dayMs + hourMs });
    await keep(clinic, both(7));
    const now = new Date(today - dayMs + 2 * hourMs);
    await retain(now);
    expect([await shown(waits), await stored(waits), await stored(old)]).toEqual([0, 3, 0]);
    for (const [made, says] of [
      [old, "after 9 days"],
      [waits, "after 7 days"],
    ] as const) {
      const { detailedSteps } = await getRun(clinic.ctx, made.runId);
      expect(detailedSteps[0]?.wiped?.says).toBe(
        `It was wiped by retention on ${now.toISOString().slice(0, 10)}, ${says}.`,
      );
      expect(JSON.stringify(detailedSteps)).not.toContain("Amina");
    }
    expect((await listLogLines([clinic.ctx], {})).items).toEqual([]);
    expect((await listRuns(clinic.ctx, { text: said })).items).toEqual([]);
    expect((await listLogLines([another().ctx], {})).items).toHaveLength(3);
    expect((await listRuns(another().ctx, { text: said })).items).toHaveLength(1);
    // What is left of it goes piece by piece where somebody needs the partition.
    await retain(momentOf(0));
    expect([await stored(waits), await shown(stranger), await isPartition(-8)]).toEqual([0, 3, true]);
  });

  test("waits for the end of the day, of which the rest is shown", async () => {
    const clinic = mine();
    const [early, late] = [1, 20].map((hour) => today - 8 * dayMs + hour * hourMs);
    const [first, last] = [await run(clinic, { at: early ?? 0 }), await run(clinic, { at: late ?? 0 })];
    await keep(clinic, both(7));
    await retain(new Date(today - dayMs + 10 * hourMs));
    expect([await shown(first), await stored(first), await shown(last)]).toEqual([0, 3, 3]);
    await retain(momentOf(0));
    expect([await shown(last), await isPartition(-8)]).toEqual([0, false]);
  });

  test("loses what errors said, too", async () => {
    const clinic = mine();
    await run(clinic, { at: today - 10 * dayMs, state: "failed", error: "No Amina" });
    await keep(clinic, both(7));
    await retain(momentOf(0));
    expect(await database.query("select 1 from steps where error_message is not null")).toEqual([]);
    expect(await database.query("select 1 from runs where error_message is not null")).toEqual([]);
  });

  test("stays as far as it is in use: what has not ended, and what is done again", async () => {
    const clinic = mine();
    const at = today - 10 * dayMs;
    const ended = await run(clinic, { at });
    const running = await run(clinic, { at: at + 1_000, state: "running" });
    const first = await run(clinic, { at: at + 2_000, state: "failed" });
    const again = await run(clinic, { at: today - dayMs, of: first, state: "running" });
    const beside = await run(clinic, { at: at + 3_000 });
    await keep(clinic, both(7));
    await retain(momentOf(0));
    const all = [ended, running, first, again, beside];
    expect(await Promise.all(all.map(shown))).toEqual([0, 3, 3, 3, 0]);
    for (const table of ["runs", "work_orders"])
      await database.query(`update ${table} set state = 'success'`);
    await database.query("update steps set finished_at = now(), exit_reason = 'success'");
    await retain(momentOf(3));
    expect(await Promise.all(all.map(shown))).toEqual([0, 0, 0, 3, 0]);
    await keepPartitions(database, momentOf(3));
    expect([await isPartition(-10), await stored(first)]).toEqual([false, 0]);
  });

  test("does not come back when more is kept, and nothing of it stays on disk", async () => {
    const clinic = mine();
    const old = await run(clinic, { at: today - 8 * dayMs + hourMs });
    const young = await run(clinic, { at: today - 6 * dayMs });
    await run(another(), { at: today - 8 * dayMs + hourMs });
    await keep(clinic, both(7));
    await retain(new Date(today - dayMs + 10 * hourMs));
    await keep(clinic, null);
    await retain(momentOf(0));
    expect([await shown(old), await stored(old), await shown(young)]).toEqual([0, 0, 3]);
  });

  test("is counted once, and goes, whoever does it at the same time and however often they are killed", async () => {
    const clinic = mine();
    const old: Made[] = [];
    for (const day of [12, 11, 10])
      for (let n = 0; n < 3; n++) old.push(await run(clinic, { at: today - day * dayMs + n * hourMs }));
    const stranger = await run(another(), { at: today - 11 * dayMs });
    await keep(clinic, both(7));
    const killed = new Error("killed");
    for (let survives = 0; ; survives++) {
      let statements = 0;
      const die = () => {
        if (statements++ >= survives) throw killed;
      };
      const query: Database["query"] = (...call) => {
        die();
        return database.query(...call);
      };
      const transaction: Database["transaction"] = (work) =>
        database.transaction(async (sql) => {
          const result = await work(sql);
          die();
          return result;
        });
      const outcome = await retain(momentOf(0), { ...database, query, transaction }).catch((error) => error);
      if (outcome === undefined) break;
      if (survives % 5 === 0) await Promise.all([retain(momentOf(-2)), retain(momentOf(-2))]);
    }
    await Promise.all([retain(momentOf(0)), retain(momentOf(0)), keepPartitions(database)]);
    expect(await Promise.all(old.map(shown))).toEqual(old.map(() => 0));
    expect(await Promise.all(old.map(stored))).toEqual(old.map(() => 0));
    expect([await shown(stranger), await isPartition(-11)]).toEqual([3, true]);
    expect(await gone()).toMatchObject([{ project_id: clinic.project.id, logs: old.length }]);
  });

  test("is not dropped with another's line, wherever it is among many", async () => {
    const clinic = mine();
    const at = today - 10 * dayMs;
    const { stepId } = await run(clinic, { at: at + hourMs });
    // Too many for one look, behind which the other's stands although its step is older.
    await database.query(
      `insert into log_lines (step_id, seq, at, level, source, message)
       select $1, n, now(), 'info', 'JOB', (select string_agg(md5(n::text || i), '') from generate_series(1, 59) i) from generate_series(3, 8000) n`,
      [stepId],
    );
    const stranger = await run(another(), { at });
    await keep(clinic, both(7));
    await retain(momentOf(0));
    await keepPartitions(database);
    expect([await shown(stranger), await stored({ stepId }), await isPartition(-10)]).toEqual([3, 0, true]);
    await keep(another(), both(7));
    await retain(momentOf(1));
    expect([await shown(stranger), await isPartition(-10)]).toEqual([0, false]);
  });

  test.each(["before it is looked at", "after it was looked at"])(
    "is not dropped with a line that somebody writes %s, whose clock is late",
    async (when) => {
      const clinic = mine();
      await run(clinic, { at: today - 10 * dayMs });
      await keep(clinic, both(7));
      let late: Made | undefined;
      const query: Database["query"] = async (...call) => {
        const isLook = call[0].includes("ctid");
        const write = async () => {
          if (isLook && !late) late = await run(another(), { at: today - 10 * dayMs });
        };
        if (when.startsWith("before")) await write();
        const result = await database.query(...call);
        await write();
        return result as never;
      };
      await retain(momentOf(0), { ...database, query });
      if (!late) throw new Error("Nobody looked.");
      expect([await shown(late), await isPartition(-10)]).toEqual([3, true]);
    },
  );
});

/** What is gone by the days of each, run by run, as it was before days went as a whole. */
type Log = Made & { run: string; step: string; isGone: boolean };

test("what is shown is what is left when it goes run by run, and nothing is stored that is not shown, but of one day", async () => {
  const ago = fc.integer({ min: 2 * 24, max: (days - 1) * 24 }).map((hours) => today - hours * hourMs);
  const state = fc.constantFrom<RunState>(
    "success",
    "success",
    "success",
    "failed",
    "crashed",
    "running",
    "pending",
  );
  const made = fc.record({
    clinic: fc.integer({ min: 0, max: 2 }),
    at: ago,
    /** Steps that begin later, and of engines whose clock is late. */
    after: fc.constantFrom(1, 1, 1, 3 * dayMs, -hourMs),
    state,
    again: fc.option(fc.record({ after: fc.integer({ min: 1, max: 20 }), state }), {
      nil: undefined,
      freq: 4,
    }),
    error: fc.option(fc.constant("No"), { nil: undefined }),
  });
  const setting = fc.option(
    fc.oneof(
      fc.integer({ min: 1, max: 25 }).map(both),
      fc.record({ success: fc.integer({ min: 1, max: 10 }), failure: fc.integer({ min: 5, max: 25 }) }),
    ),
    { nil: null, freq: 4 },
  );
  const settings = fc.tuple(setting, setting, setting);
  const pass = fc.record({ hours: fc.integer({ min: 49, max: 120 }), settings, ends: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(made, { minLength: 10, maxLength: 40 }),
      fc.array(pass, { minLength: 2, maxLength: 4 }),
      async (all, passes) => {
        await anew();
        const logs: Log[] = [];
        for (const { clinic: which, at, after, again, ...of } of all) {
          const clinic = clinics[which] ?? mine();
          const one = await run(clinic, {
            ...of,
            at,
            stepAt: at + after,
            ...(of.error ? { error: of.error } : {}),
          } as Run);
          logs.push({ ...one, run: one.runId, step: one.stepId, isGone: false });
          if (!again || of.state === "running" || of.state === "pending") continue;
          const then = Math.min(at + again.after * dayMs, today - hourMs);
          const next = await run(clinic, { at: then, of: one, state: again.state });
          logs.push({ ...next, run: next.runId, step: next.stepId, isGone: false });
        }
        let now = today;
        for (const { hours, settings, ends } of passes) {
          now += hours * hourMs;
          for (const [i, of] of settings.entries()) await keep(clinics[i] ?? mine(), of);
          if (ends) {
            await database.query(
              "update runs set state = 'success', finished_at = now() where finished_at is null",
            );
            await database.query(
              "update work_orders set state = 'success' where state in ('pending', 'running')",
            );
            await database.query(
              "update steps set finished_at = now(), exit_reason = 'success' where finished_at is null",
            );
          }
          await markGone(logs, settings, now);
          await retain(new Date(now));
          await keepPartitions(database, new Date(now));
          for (const log of logs) {
            expect([log, await shown(log)]).toEqual([log, log.isGone ? 0 : 3]);
            if (!log.isGone) continue;
            const of = settings[clinics.indexOf(log.clinic)];
            const cut = of && firstIdAt(new Date(now - Math.max(of.success, of.failure) * dayMs));
            const isOfThatDay = cut && log.step.slice(0, 13) >= dayOf(cut).slice(0, 13);
            if (!isOfThatDay) expect([log, await stored(log)]).toEqual([log, 0]);
          }
        }
      },
    ),
    { numRuns: 8 },
  );
}, 600_000);

/** The first id of an id's day. */
const dayOf = (id: string) =>
  firstIdAt(new Date(Math.floor(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) / dayMs) * dayMs));

async function markGone(
  logs: Log[],
  settings: readonly ({ success: number; failure: number } | null)[],
  now: number,
): Promise<void> {
  const orders = await database.query<{ id: string; state: RunState; isOver: boolean }>(
    `select o.id, o.state, o.state not in ('pending', 'running') and not exists (
       select 1 from runs r where r.work_order_id = o.id and r.finished_at is null) as "isOver" from work_orders o`,
  );
  const stateOf = new Map(orders.map((order) => [order.id, order]));
  for (const log of logs) {
    const [of, order] = [settings[clinics.indexOf(log.clinic)], stateOf.get(log.orderId)];
    if (!of || !order?.isOver) continue;
    const days = order.state === "success" ? of.success : of.failure;
    if (log.run < firstIdAt(new Date(now - days * dayMs))) log.isGone = true;
  }
}
