import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { sendNotices } from "@/lib/domain/notice/send";
import { setPlan } from "@/lib/domain/plan/set";
import { tellOfPlans } from "@/lib/domain/plan/tell";
import { operator } from "@/lib/domain/purge/actor";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { addTestMember, expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { countUsage } from "./count";
import { getUsage } from "./get";
import { listUsageMonths } from "./months";

let database: Database;
let clinic: Clinic;

beforeAll(async () => {
  database = await ownTestDatabase();
});

beforeEach(async () => {
  for (const table of ["runs", "work_orders", "messages", "usage_days", "plan_notices", "mails"])
    await database.query(`delete from ${table}`);
  await database.query("update usage_counted set counted_to = '00000000-0000-0000-0000-000000000000'");
  clinic = await createClinic();
});

const dayMs = 86_400_000;
const now = new Date();
const today = Date.parse(`${now.toISOString().slice(0, 10)}T00:00:00Z`);
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Runs, or work orders that were rejected, of a moment; of the clinic, or of another one. */
async function past(at: Date, count: number, { rejected = false, of = clinic } = {}): Promise<void> {
  await database.query(
    `with o as (
       insert into work_orders (id, project_id, workflow_id, snapshot_id, state, rejected_for)
       select (overlay(id_at($1)::text placing right(uuid_v7()::text, 12) from 25))::uuid, $2, w.id, w.snapshot_id,
         case when $5 then 'rejected' else 'success' end, case when $5 then 'month' end
       from workflows w, generate_series(1, $4::int) where w.id = $3 returning *
     )
     insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state)
     select id, project_id, workflow_id, id, snapshot_id, 'success' from o where not $5`,
    [at, of.project.id, of.workflows.hook, count, rejected],
  );
}

const stored = () =>
  database.query<{ day: string; runs: number; rejected: number }>(
    "select day::text, runs, rejected from usage_days where project_id = $1 order by day",
    [clinic.project.id],
  );

/** A day of this month, or of the months before, at noon. */
const daysAgo = (days: number) => new Date(today - days * dayMs + dayMs / 2);

describe("counting what was started", () => {
  test("adds up runs and rejected work orders by project and day, once however often it is done", async () => {
    const other = await createClinic();
    await past(daysAgo(2), 3);
    await past(daysAgo(1), 2);
    await past(daysAgo(1), 4, { rejected: true });
    await past(daysAgo(2), 5, { of: other });
    for (let n = 0; n < 3; n++) expect(await countUsage(database)).toBe(true);
    const expected = [
      { day: dayOf(today - 2 * dayMs), runs: 3, rejected: 0 },
      { day: dayOf(today - dayMs), runs: 2, rejected: 4 },
    ];
    expect(await stored()).toEqual(expected);
    await past(daysAgo(1), 1);
    expect(await stored()).toEqual(expected);
  });

  test("goes on batch by batch, and by several engines at once, to the same sums", async () => {
    for (let day = 1; day <= 10; day++) await past(daysAgo(day), 7);
    await past(daysAgo(3), 9, { rejected: true });
    await Promise.all([1, 2, 3].map(() => countUsage(database, { rowsAtOnce: 4 })));
    expect(await countUsage(database, { rowsAtOnce: 4 })).toBe(true);
    const counted = await stored();
    expect(counted.map(({ runs }) => runs)).toEqual(Array(10).fill(7));
    expect(counted.reduce((sum, { rejected }) => sum + rejected, 0)).toBe(9);
  });

  test("leaves out what a transaction under way may still add, and counts it afterwards", async () => {
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    let begun = () => {};
    const begins = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const [slow, later] = [randomUUID(), randomUUID()];
    const start = (sql: Pick<Database, "query">, order: string) =>
      sql.query(
        `with o as (
           insert into work_orders (id, project_id, workflow_id, snapshot_id) select $3, $1, id, snapshot_id from workflows where id = $2 returning *
         )
         insert into runs (project_id, workflow_id, work_order_id, snapshot_id) select project_id, workflow_id, id, snapshot_id from o`,
        [clinic.project.id, clinic.workflows.hook, order],
      );
    const frozen = database.transaction(async (sql) => {
      await start(sql, slow);
      begun();
      await held;
    });
    await begins;
    await start(database, later);
    await countUsage(database, { lagMs: 0 });
    expect(await stored()).toEqual([]);
    end();
    await frozen;
    await countUsage(database, { lagMs: 0 });
    expect(await stored()).toMatchObject([{ runs: 2 }]);
  });
});

describe("the usage of a month", () => {
  test("has every day so far, counted or not yet, and what is still to release", async () => {
    await past(daysAgo(0), 2);
    await past(daysAgo(0), 3, { rejected: true });
    await setPlan({ db: database.db, actor: operator, project: clinic.project }, { runsPerMonth: 4 });
    const uncounted = await getUsage(clinic.ctx);
    await countUsage(database);
    const { forecast, ...counted } = await getUsage(clinic.ctx);
    const { forecast: first, ...rest } = uncounted;
    expect(counted).toEqual(rest);
    expect(counted).toMatchObject({
      month: now.toISOString().slice(0, 7),
      plan: { runsPerMonth: 4, runsPerMinute: null, limitKind: "soft" },
      runs: 2,
      rejected: 3,
      percent: 50,
      toRelease: 3,
    });
    expect(counted.days).toHaveLength(now.getUTCDate());
    expect(counted.days.at(-1)).toEqual({ day: dayOf(today), runs: 2, rejected: 3, skipped: 0 });
    expect(forecast?.runs).toBeGreaterThanOrEqual(2);
    expect(first?.runs).toBeGreaterThanOrEqual(2);
  });

  test("is a former one's on request, without a forecast, and listed with the others, newest first", async () => {
    const month = (ago: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 15, 12));
    for (const ago of [1, 2, 3]) await past(month(ago), ago);
    await past(daysAgo(0), 9);
    await countUsage(database);
    const name = (ago: number) => month(ago).toISOString().slice(0, 7);
    const last = await getUsage(clinic.ctx, { month: name(1) });
    expect(last).toMatchObject({ month: name(1), runs: 1, forecast: null });
    expect(last.days).toHaveLength(
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 0)).getUTCDate(),
    );
    const page = await listUsageMonths(clinic.ctx, { limit: 2 });
    expect(page.items).toMatchObject([
      { month: name(1), runs: 1 },
      { month: name(2), runs: 2 },
    ]);
    const next = await listUsageMonths(clinic.ctx, { cursor: page.nextCursor ?? "" });
    expect(next).toMatchObject({ items: [{ month: name(3), runs: 3 }], nextCursor: null });
  });

  test("of one to come is refused", async () => {
    await expectRefusal(getUsage(clinic.ctx, { month: "9999-12" }), "invalid");
  });
});

describe("people are told", () => {
  const mails = async () => {
    await sendNotices({ database, policy: new EgressPolicy() }, "mail", 60_000);
    return database.query<{ to: string; subject: string; text: string }>(
      'select "to", subject, text from mails order by "to"',
    );
  };
  const plan = (input: Parameters<typeof setPlan>[1]) =>
    setPlan({ db: database.db, actor: operator, project: clinic.project }, input);

  test("owner and admins by mail, once at 85 % and once when the month is used up", async () => {
    const admin = await addTestMember(clinic.project, "admin");
    await addTestMember(clinic.project, "editor");
    await plan({ runsPerMonth: 20 });
    await past(now, 16);
    expect(await tellOfPlans(database)).toBe(0);
    await past(now, 1);
    expect(await tellOfPlans(database)).toBe(2);
    expect(await tellOfPlans(database)).toBe(0);
    const [first, ...others] = await mails();
    expect(others).toHaveLength(1);
    expect([first?.to, others[0]?.to]).toContain(admin.email);
    expect(first?.subject).toContain("will soon have used up");
    expect(first?.text).toContain("17 of the 20 runs");
    expect(first?.text).toContain(`/p/${clinic.project.id}/usage`);
    await past(now, 3);
    expect(await tellOfPlans(database)).toBe(2);
    expect(await tellOfPlans(database)).toBe(0);
    expect((await mails()).filter(({ subject }) => subject.includes("has used up"))).toHaveLength(2);
  });

  test("of a month that was used up at once only that", async () => {
    await plan({ runsPerMonth: 1, limitKind: "hard" });
    await past(now, 1);
    expect(await tellOfPlans(database)).toBe(1);
    const [mail] = await mails();
    expect(mail?.text).toContain("refused with the status 429");
  });

  test("by one of several engines, and again by another when the first has ended over it", async () => {
    await plan({ runsPerMonth: 1 });
    await past(now, 1);
    const told = await Promise.all([1, 2, 3].map(() => tellOfPlans(database)));
    expect(told.reduce((sum, one) => sum + one)).toBe(1);
    await database.query("update plan_notices set told_at = null");
    expect(await tellOfPlans(database)).toBe(0);
    await database.query("update plan_notices set claimed_at = now() - interval '61 minutes'");
    expect(await tellOfPlans(database)).toBe(1);
  });

  test("of no project without a limit, and of none that is being deleted", async () => {
    await past(now, 5);
    expect(await tellOfPlans(database)).toBe(0);
    await plan({ runsPerMonth: 1 });
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [
      clinic.project.id,
    ]);
    expect(await tellOfPlans(database)).toBe(0);
  });
});

describe("the operator sets a plan", () => {
  const set = (input: Parameters<typeof setPlan>[1]) =>
    setPlan({ db: database.db, actor: operator, project: clinic.project }, input);

  test("bit by bit, written down when something changes", async () => {
    expect(await set({ runsPerMonth: 100 })).toEqual({
      runsPerMonth: 100,
      runsPerMinute: null,
      limitKind: "soft",
    });
    const audit = await expectAudit("project.set_plan", clinic.project.id);
    expect(audit).toMatchObject({ projectId: clinic.project.id, actorLabel: operator.label });
    await set({ runsPerMonth: 100 });
    await expectAudit("project.set_plan", clinic.project.id);
    expect(await set({ runsPerMinute: 5, limitKind: "hard" })).toMatchObject({
      runsPerMonth: 100,
      runsPerMinute: 5,
      limitKind: "hard",
    });
    expect(await set({ runsPerMonth: null })).toMatchObject({ runsPerMonth: null, runsPerMinute: 5 });
  });

  test("which has to be a number that means something, of a project that is there", async () => {
    await expect(set({ runsPerMonth: 0 })).rejects.toThrow();
    await expect(set({ runsPerMinute: 1e9 })).rejects.toThrow();
    const project = { id: clinic.workflows.hook };
    await expectRefusal(
      setPlan({ db: database.db, actor: operator, project }, { runsPerMonth: 1 }),
      "not_found",
    );
  });
});
