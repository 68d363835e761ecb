import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Database } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { sendNotices } from "@/lib/domain/notice/send";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { Killed, mortal } from "@/lib/testing/mortal";
import { conditionsNow } from "./holding";
import { type Facts, watch } from "./watch";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  for (const table of ["operator_conditions", "notices", "mails", "runs", "work_orders"])
    await database.query(`delete from ${table}`);
});
afterEach(() => vi.restoreAllMocks());

const well: Facts = { isRunnerWell: true, isEngineUp: true, oldestOutboxMs: null, dataDir: "." };
const runnerAway = { ...well, isRunnerWell: false };
const later = (minutes: number) =>
  database.query(
    "update operator_conditions set began_at = began_at - make_interval(mins => $1), told_at = told_at - make_interval(mins => $1)",
    [minutes],
  );
const mails = async () => {
  await sendNotices({ database, policy: new EgressPolicy() }, "mail", 60_000);
  return database.query<{ to: string; subject: string; text: string }>(
    'select "to", subject, text from mails order by id',
  );
};
const about = async (word: string) => (await mails()).filter(({ subject }) => subject.includes(word));

it("tells of what lasts when it has lasted, once a day, and when it is over", async () => {
  await watch(database, runnerAway);
  expect(await about("No runner")).toEqual([]);
  await later(4);
  await Promise.all([watch(database, runnerAway), watch(database, runnerAway)]);
  await watch(database, runnerAway);
  expect(await about("No runner")).toMatchObject([
    { to: "operator@localhost", subject: "No runner of Waybill answers" },
  ]);
  await later(25 * 60);
  await watch(database, runnerAway);
  expect(await about("No runner")).toHaveLength(2);
  await watch(database, well);
  await watch(database, well);
  expect(await about("Over: No runner")).toHaveLength(1);
});

it("says what holds now in words that name nobody's, once it is news", async () => {
  await watch(database, runnerAway);
  expect(await conditionsNow(database)).toEqual([]);
  await later(4);
  await database.query(
    `insert into operator_conditions (name, began_at) values ('disk:host-of-somebody', now() - interval '1 hour')`,
  );
  const found = await conditionsNow(database);
  expect(found.map(({ name }) => name)).toEqual(["disk_full", "runner_silent"]);
  expect(Date.parse(found[1]?.since ?? "")).toBeLessThan(Date.now() - 3 * 60_000);
  await watch(database, well);
  expect((await conditionsNow(database)).map(({ name }) => name)).toEqual(["disk_full"]);
  await database.query("update operator_conditions set seen_at = now() - interval '11 minutes'");
  expect(await conditionsNow(database)).toEqual([]);
});

it("says nothing of what was over before it was news", async () => {
  await watch(database, runnerAway);
  await watch(database, well);
  expect(await about("runner")).toEqual([]);
});

type Past = { state: string; errorType?: string | null; waitsFor?: string | null; hours?: number };
/** A run that was queued so long ago; it has ended just now, unless it waits. */
const run = ({ project, workflows }: Clinic, { state, errorType = null, waitsFor = null, hours = 0 }: Past) =>
  database.query(
    `with wo as (insert into work_orders (project_id, workflow_id, snapshot_id)
       select $1, id, snapshot_id from workflows where id = $2 returning id)
     insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state, error_type, waits_for, finished_at)
     select ((left($6::uuid::text, 24) || right(gen_random_uuid()::text, 12)))::uuid, $1, $2, wo.id, w.snapshot_id, $3::text, $4, $5,
       case when $3::text <> 'pending' then clock_timestamp() end
     from wo, workflows w where w.id = $2`,
    [
      project.id,
      workflows.hook,
      state,
      errorType,
      waitsFor,
      firstIdAt(new Date(Date.now() - hours * 3_600_000)),
    ],
  );

it("tells of lost runs and exceptions by project and error type, once an hour", async () => {
  const clinic = await createClinic();
  const { project } = clinic;
  const lost = (state: string, errorType: string) => run(clinic, { state, errorType });
  await watch(database, well);
  expect(await conditionsNow(database)).toEqual([]);
  await later(61);
  await lost("lost", "LostError");
  await lost("exception", "EngineError");
  await lost("failed", "JobError");
  await watch(database, well);
  await lost("lost", "LostError");
  await watch(database, well);
  const [mail, ...others] = await about("runs were lost");
  expect(others).toEqual([]);
  expect(mail?.subject).toMatch(/^2 runs/);
  expect(mail?.text).toContain(`lost (LostError): 1 of project ${project.id}`);
  expect(mail?.text).toContain("exception (EngineError)");
  expect(await conditionsNow(database)).toMatchObject([{ name: "runs_lost" }]);
  await later(61);
  await watch(database, well);
  expect(await about("runs were lost")).toHaveLength(2);
  await later(25 * 60);
  expect(await conditionsNow(database)).toEqual([]);
});

it("tells of a queue that stands still", async () => {
  const stuck = { ...well, oldestOutboxMs: 10 * 60_000 };
  await watch(database, stuck);
  await later(4);
  await watch(database, stuck);
  expect(await about("stands still")).toHaveLength(1);
});

it("tells of a run that had waited for days before it was lost", async () => {
  await run(await createClinic(), { state: "lost", hours: 72 });
  await watch(database, well);
  expect(await about("1 runs were lost")).toHaveLength(1);
});

it("tells of runs that stand still behind one that waits on purpose, and not of that one", async () => {
  const clinic = await createClinic();
  await run(clinic, { state: "pending", waitsFor: "resume", hours: 9 });
  await watch(database, well);
  expect(await database.query("select 1 from operator_conditions where name = 'queue'")).toEqual([]);
  await run(clinic, { state: "pending", hours: 1 });
  await watch(database, well);
  await later(4);
  await watch(database, well);
  expect(await about("stands still")).toHaveLength(1);
});

it("tells of everything else when one thing cannot be looked at", async () => {
  const blind = { ...runnerAway, dataDir: "/nowhere/at/all" };
  await watch(database, blind);
  await later(4);
  await watch(database, blind);
  expect(await about("No runner")).toHaveLength(1);
});

it("tells once of each although whoever looks dies at every single statement", async () => {
  await run(await createClinic(), { state: "lost" });
  await watch(database, runnerAway);
  await database.query("delete from notices");
  await later(4);
  await database.query(
    "update operator_conditions set told_at = now() - interval '2 hours' where name = 'runs'",
  );
  const atEach = async (facts: Facts) => {
    for (let survives = 0; survives < 30; survives++)
      await watch(mortal(database, survives), facts).catch((error) => expect(error).toBeInstanceOf(Killed));
  };
  await atEach(runnerAway);
  await watch(database, runnerAway);
  expect(await about("No runner")).toHaveLength(1);
  expect(await about("1 runs were lost")).toHaveLength(1);
  await atEach(well);
  await watch(database, well);
  expect(await about("Over: No runner")).toHaveLength(1);
});
