import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { runTrigger } from "@/lib/domain/workflow/run-trigger";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { limits } from "@/lib/limits";
import { testDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { contextFor, createTestProject, createTestUser, expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import type { WhenRunning } from "@/lib/words";
import { executeRun } from "./execute-run";
import { fireDueCronTriggers } from "./fire-cron";
import type { ExecutionHost } from "./host";

const database = testDatabase();
let ctx: Context;
let host: ExecutionHost;
let runner: ScriptedRunner;

beforeEach(async () => {
  const owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
  runner = new ScriptedRunner();
  runner.script = () => ({ output: '{"cursor":1}' });
  host = testExecutionHost(runner);
});

type Cron = {
  cronExpression?: string;
  timeZone?: string;
  whenRunning?: WhenRunning;
  cronCursorJobId?: string;
};

/** A workflow of one job that the clock starts. */
async function clockwork(cron: Cron = {}) {
  const [triggerId, jobId] = [randomUUID(), cron.cronCursorJobId ?? randomUUID()];
  const input = {
    name: `Clock ${triggerId}`,
    triggers: [{ id: triggerId, type: "cron" as const, enabled: true, ...cron }],
    jobs: [{ id: jobId, name: "Fetch", body: "fn(s => s)", adaptor: "@openfn/language-common@3.3.4" }],
    edges: [
      { id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobId, conditionType: "always" as const },
    ],
  };
  const save = (more: object = {}) =>
    saveWorkflow(ctx, { ...input, ...more }, { resolveAdaptor: async (_, version) => ({ version }) });
  const { id, graph } = await save();
  const trigger = async () => (await getWorkflow(ctx, { id })).triggers[0];
  const dueSince = (at: string) =>
    database.query("update triggers set next_run_at = $2 where id = $1", [triggerId, at]);
  const runs = () =>
    database.query<{ id: string; state: string }>(
      "select id, state from runs where workflow_id = $1 order by id",
      [id],
    );
  const execute = async () => {
    for (const { id } of await runs()) await executeRun(host, id, (_, work) => work());
  };
  return { id, triggerId, jobId, input, graph, save, trigger, dueSince, runs, execute };
}

const now = new Date("2026-11-25T12:00:30Z");
const fire = (at = now) => fireDueCronTriggers(host, at);

describe("a schedule", () => {
  test("in a time zone fires by its clock over both changes of the year", async () => {
    const { trigger, dueSince } = await clockwork({ cronExpression: "0 7 * * *", timeZone: "Europe/Berlin" });
    const [first] = (await trigger())?.nextRuns ?? [];
    expect((await trigger())?.nextRunAt).toBe(first);
    for (const [due, next] of [
      ["2026-03-28T06:00:00.000Z", "2026-03-29T05:00:00.000Z"],
      ["2026-10-24T05:00:00.000Z", "2026-10-25T06:00:00.000Z"],
    ] as const) {
      await database.query("update work_orders set state = 'success' where project_id = $1", [
        ctx.project.id,
      ]);
      await dueSince(due);
      await fire(new Date(due));
      expect((await trigger())?.nextRunAt).toBe(next);
    }
  });

  test("that says nothing is midnight, as OpenFn's, and its next five times are shown", async () => {
    const { graph, trigger } = await clockwork();
    expect(graph.triggers[0]?.cronExpression).toBe("0 0 * * *");
    const { nextRuns = [] } = (await trigger()) ?? {};
    expect(nextRuns).toHaveLength(5);
    for (const at of nextRuns) expect(at).toMatch(/T00:00:00\.000Z$/);
  });

  test("is refused in a time zone that there is not, and its zone on any other trigger", async () => {
    await expectRefusal(clockwork({ timeZone: "Europe/Atlantis" }), "invalid");
    await expectRefusal(clockwork({ timeZone: "+02:00" }), "invalid");
  });

  test("begins anew when its time zone is changed, and keeps its time when something else is", async () => {
    const { id, save, input, dueSince, trigger } = await clockwork({ cronExpression: "0 7 * * *" });
    await dueSince("2026-01-01T07:00:00Z");
    await save({ id, lockVersion: 1, name: `${input.name}!` });
    expect((await trigger())?.nextRunAt).toBe("2026-01-01T07:00:00.000Z");
    const moved = input.triggers.map((one) => ({ ...one, timeZone: "Asia/Kolkata" }));
    await save({ id, lockVersion: 2, triggers: moved });
    expect((await trigger())?.nextRunAt).toMatch(/T01:30:00\.000Z$/);
  });
});

describe("a tick", () => {
  test("that was missed is made up for once, whatever fell due, and the trigger says how many", async () => {
    const { trigger, dueSince, runs } = await clockwork({ cronExpression: "*/15 * * * *" });
    await dueSince("2026-11-25T09:00:00Z");
    await fire();
    expect(await runs()).toHaveLength(1);
    expect(await trigger()).toMatchObject({
      nextRunAt: "2026-11-25T12:15:00.000Z",
      lastTick: { outcome: "started", dueAt: "2026-11-25T09:00:00.000Z", at: now.toISOString(), missed: 12 },
    });
  });

  test("is fired once by any number of engines", async () => {
    const clocks = [];
    for (let n = 0; n < 5; n++) clocks.push(await clockwork({ cronExpression: "* * * * *" }));
    for (const { dueSince } of clocks) await dueSince("2026-11-25T12:00:00Z");
    await Promise.all(Array.from({ length: 4 }, () => fireDueCronTriggers(testExecutionHost(runner), now)));
    for (const { runs } of clocks) expect(await runs()).toHaveLength(1);
  });

  test("is not fired again by a save that had read the time before it", async () => {
    const { id, input, save, dueSince, runs, triggerId, execute } = await clockwork({
      cronExpression: "0 * * * *",
    });
    await dueSince("2026-11-25T12:00:00Z");
    // The save waits for the clock, which has locked the trigger, and goes on from what it left.
    let saving: Promise<unknown> = Promise.resolve();
    await database.transaction(async (sql) => {
      await sql.query("select 1 from triggers where id = $1 for update", [triggerId]);
      saving = save({ id, lockVersion: 1, name: `${input.name} renamed` });
      await waitsForLock();
      await sql.query("update triggers set next_run_at = '2026-11-25T13:00:00Z' where id = $1", [triggerId]);
    });
    await saving;
    await fire();
    await execute();
    expect(await runs()).toEqual([]);
  });

  test("of a trigger whose schedule nobody can read stops no other's", async () => {
    const [odd, sound] = [
      await clockwork({ cronExpression: "* * * * *" }),
      await clockwork({ cronExpression: "* * * * *" }),
    ];
    await database.query("update triggers set time_zone = 'Mars/Olympus' where id = $1", [odd.triggerId]);
    await odd.dueSince("2026-11-25T12:00:00Z");
    await sound.dueSince("2026-11-25T12:00:00Z");
    await fire();
    expect(await sound.runs()).toHaveLength(1);
    expect((await odd.trigger())?.nextRuns).toEqual([]);
  });

  test("at which more are due than one transaction fires leaves none for the next", async () => {
    const { id, triggerId, jobId, dueSince } = await clockwork({ cronExpression: "* * * * *" });
    await database.query(
      `with t as (
         insert into triggers (project_id, workflow_id, type, cron_expression, next_run_at)
         select $1, $2, 'cron', '* * * * *', '2026-11-25T12:00:00Z' from generate_series(1, 249) returning id
       ) insert into edges (project_id, workflow_id, source_trigger_id, target_job_id, condition_type)
         select $1, $2, id, $3, 'always' from t`,
      [ctx.project.id, id, jobId],
    );
    await dueSince("2026-11-25T12:00:00Z");
    await fire();
    const [{ n } = { n: 0 }] = await database.query<{ n: number }>(
      "select count(*)::int as n from work_orders where workflow_id = $1",
      [id],
    );
    expect(n).toBe(250);
    await database.query("delete from triggers where workflow_id = $1 and id <> $2", [id, triggerId]);
  });
});

/** Until somebody waits for a lock that another transaction holds. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const [waiting] = await database.query("select 1 from pg_locks where not granted limit 1");
    if (waiting) return;
  }
}

describe("while the run before is under way", () => {
  test.each([undefined, "queue"] as const)(
    "a tick waits for its end (%s), and begins with what it came to",
    async (whenRunning) => {
      const clock = await clockwork({ cronExpression: "* * * * *", ...(whenRunning ? { whenRunning } : {}) });
      await clock.dueSince("2026-11-25T11:50:00Z");
      await fire(new Date("2026-11-25T11:50:10Z"));
      await clock.dueSince("2026-11-25T11:51:00Z");
      await fire();
      expect(await clock.runs()).toHaveLength(1);
      expect((await clock.trigger())?.nextRunAt).toBe("2026-11-25T11:51:00.000Z");
      await clock.execute();
      await fire();
      await clock.execute();
      expect(await clock.runs()).toHaveLength(2);
      expect(runner.started.map(({ input }) => input)).toEqual(["{}", '{"cursor":1}']);
      expect((await clock.trigger())?.lastTick).toMatchObject({ outcome: "started", missed: 9 });
    },
  );

  test("a tick is skipped where the trigger says so, and that is told", async () => {
    const clock = await clockwork({ cronExpression: "* * * * *", whenRunning: "skip" });
    await clock.dueSince("2026-11-25T11:59:00Z");
    await fire(new Date("2026-11-25T11:59:10Z"));
    await clock.dueSince("2026-11-25T12:00:00Z");
    await fire();
    expect(await clock.runs()).toHaveLength(1);
    expect(await clock.trigger()).toMatchObject({
      nextRunAt: "2026-11-25T12:01:00.000Z",
      lastTick: { outcome: "skipped", dueAt: "2026-11-25T12:00:00.000Z" },
    });
  });
});

describe("the state that a cron run begins with", () => {
  const outputs = async (clock: Awaited<ReturnType<typeof clockwork>>, ...texts: string[]) => {
    for (const text of texts) {
      runner.script = () => ({ output: text });
      await clock.dueSince("2026-11-25T12:00:00Z");
      await fire();
      await clock.execute();
    }
    return runner.started.at(-1)?.input;
  };

  test("is the last one of a success that was kept: more than 50,000 bytes are, as in v1 they were not", async () => {
    const large = JSON.stringify({ list: "x".repeat(60_000) });
    expect(await outputs(await clockwork(), large, "{}")).toBe(large);
  });

  test.each(["the run's", "the cursor job's"])(
    "is the one before when %s was too large to be kept, or is wiped",
    async (whose) => {
      const clock = await clockwork(whose === "the run's" ? {} : { cronCursorJobId: randomUUID() });
      const tooLarge = JSON.stringify("x".repeat(limits.keptStateBytes));
      expect(await outputs(clock, '{"n":1}', tooLarge, "{}")).toBe('{"n":1}');
      await database.query(
        "update dataclips set body = null, wiped_at = now() where project_id = $1 and body = '{}'",
        [ctx.project.id],
      );
      expect(await outputs(clock, "{}")).toBe('{"n":1}');
    },
  );
});

describe("run now", () => {
  test("starts what the next time would, at once, once, and says who asked", async () => {
    const clock = await clockwork({ cronExpression: "0 0 1 1 *" });
    const asked = { workflowId: clock.id, triggerId: clock.triggerId };
    const before = (await clock.trigger())?.nextRunAt;
    const both = await Promise.allSettled([runTrigger(ctx, asked), runTrigger(ctx, asked)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expectRefusal(runTrigger(ctx, asked), "conflict");
    const [run] = await database.query(
      "select priority, created_by is not null as asked, starting_trigger_id from runs where workflow_id = $1",
      [clock.id],
    );
    expect(run).toEqual({ priority: "immediate", asked: true, starting_trigger_id: clock.triggerId });
    await clock.execute();
    await runTrigger(ctx, asked);
    await clock.execute();
    expect(runner.started.map(({ input }) => input)).toEqual(["{}", '{"cursor":1}']);
    expect((await clock.trigger())?.nextRunAt).toBe(before);
    const events = await database.query(
      "select event from audit_events where project_id = $1 and event = 'trigger.run'",
      [ctx.project.id],
    );
    expect(events).toHaveLength(2);
  });

  test("is refused to viewers, for other triggers, and where no edge leads on", async () => {
    const clock = await clockwork();
    const asked = { workflowId: clock.id, triggerId: clock.triggerId };
    await expectRefusal(runTrigger({ ...ctx, role: "viewer" }, asked), "forbidden");
    await expectRefusal(runTrigger(ctx, { ...asked, workflowId: randomUUID() }), "not_found");
    await database.query("update edges set enabled = false where workflow_id = $1", [clock.id]);
    await expectRefusal(runTrigger(ctx, asked), "conflict");
    await database.query("update triggers set type = 'webhook', next_run_at = null where id = $1", [
      clock.triggerId,
    ]);
    await expectRefusal(runTrigger(ctx, asked), "invalid");
  });
});
