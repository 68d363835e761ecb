import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { until } from "@/inngest/embedded/testing/harness";
import { cancelRun } from "@/lib/domain/run/cancel";
import { executeRun } from "@/lib/execution/execute-run";
import { giveUpRun } from "@/lib/execution/give-up-run";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { stopRun } from "@/lib/execution/stop-run";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { createTestProject } from "@/lib/testing/fixtures";
import { failure, ScriptedRunner } from "@/lib/testing/scripted-runner";
import { type Asked, type Delivering, newSchema, type Way, ways } from "./testing/ways";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});
afterAll(() => database?.close());

type Put = { priority?: number; workflow?: string; skipsLane?: boolean; again?: number };

/** Asks for a run of the project, of a workflow of its own where none is named. Returns its id. */
async function put(projectId: string, { priority = 0, workflow = randomUUID(), ...rest }: Put = {}) {
  const runId = randomUUID();
  const data = { runId, projectId, workflowId: workflow, priority, ...rest };
  await database.query(
    "insert into outbox (project_id, event, data) values ($1, 'run/requested', $2::jsonb)",
    [projectId, JSON.stringify(data)],
  );
  return runId;
}

/** The same many times, at once. */
const putMany = async (projectId: string, count: number, workflow: string) =>
  database.query(
    `insert into outbox (project_id, event, data)
     select $1::uuid, 'run/requested', jsonb_build_object('runId', gen_random_uuid(), 'projectId', $1::uuid, 'workflowId', $3::uuid, 'priority', 0)
     from generate_series(1, $2::int)`,
    [projectId, count, workflow],
  );

const limited = async (projectId: string, concurrency: number | null) => {
  const [row] = await database.query<{ id: string }>(
    "insert into workflows (id, project_id, name, concurrency) values (gen_random_uuid(), $1, gen_random_uuid()::text, $2) returning id",
    [projectId, concurrency],
  );
  return row?.id ?? "";
};

/** Runs under way at the moment and at most, by what `of` says of each; each ends when it is let go, or by itself. */
function gauge(isHeld = false) {
  const started: string[] = [];
  const open = new Map<string, () => void>();
  let most = 0;
  let isOpen = !isHeld;
  const execute = async (runId: string) => {
    started.push(runId);
    const ended = new Promise<void>((resolve) => open.set(runId, resolve));
    most = Math.max(most, open.size);
    if (isOpen) setTimeout(() => open.get(runId)?.(), 3);
    await ended;
    open.delete(runId);
  };
  const letGo = () => {
    isOpen = true;
    for (const end of open.values()) end();
  };
  return { started, execute, letGo, open, most: () => most };
}

const isSettled = async (schema: string) => {
  const [row] = await database.query<{ n: number }>(
    `select (select count(*) from outbox)::int + (select count(*) from ${schema}.queue)::int as n`,
  );
  return row?.n === 0;
};

describe.each(Object.entries(ways))("%s", (name, way: Way) => {
  let schema: string;
  let running: Delivering[];
  const start = async (asked: Omit<Asked, "database" | "schema">) => {
    const one = await way({ database, schema, ...asked });
    running.push(one);
    return one;
  };
  beforeEach(async () => {
    schema = newSchema();
    running = [];
    await database.query("delete from outbox");
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    await database.query(`drop schema if exists ${schema} cascade`);
  });

  it("delivers each run once, however many engines look, and leaves nothing behind", async () => {
    const { started, execute } = gauge();
    const projects = await Promise.all([1, 2, 3].map(async () => (await createTestProject()).id));
    const asked = await Promise.all(
      Array.from({ length: 60 }, (_, n) => put(projects[n % projects.length] ?? "")),
    );
    await start({ execute });
    await start({ execute });
    await until(() => started.length >= 60);
    await until(() => isSettled(schema));
    expect(started.toSorted()).toEqual(asked.toSorted());
  });

  it("has as many under way as there are places, and of one project as it may have, in all engines", async () => {
    const { id } = await createTestProject();
    const { started, execute, letGo, most } = gauge(true);
    await putMany(id, 30, randomUUID());
    await start({ execute, places: 4, projectLimit: 5 });
    await start({ execute, places: 4, projectLimit: 5 });
    await until(() => started.length >= 5);
    const other = await put((await createTestProject()).id);
    await until(() => started.includes(other));
    letGo();
    await until(() => isSettled(schema));
    expect(started).toHaveLength(31);
    expect(most()).toBe(6);
  });

  it("keeps a workflow's own limit, else its project's, and lets others pass", async () => {
    const { id } = await createTestProject();
    await database.query("update projects set concurrency = 2 where id = $1", [id]);
    const [own, free] = [await limited(id, 3), await limited(id, null)];
    const mine: Record<string, string[]> = { own: [], free: [] };
    for (const _ of Array.from({ length: 12 })) {
      mine.own?.push(await put(id, { workflow: own }));
      mine.free?.push(await put(id, { workflow: free }));
    }
    const { started, execute, letGo, open } = gauge(true);
    const most = { own: 0, free: 0 };
    const look = async (runId: string) => {
      const done = execute(runId);
      for (const kind of ["own", "free"] as const)
        most[kind] = Math.max(most[kind], [...open.keys()].filter((one) => mine[kind]?.includes(one)).length);
      await done;
    };
    await start({ execute: look });
    await start({ execute: look });
    await until(() => started.length === 5);
    // A run in whose lane its last executor may still stand waits for nobody.
    const skips = await put(id, { workflow: own, skipsLane: true, again: 1, priority: 600 });
    await until(() => started.includes(skips));
    letGo();
    await until(() => isSettled(schema));
    expect(most).toEqual({ own: 3, free: 2 });
    expect(started).toHaveLength(25);
  });

  it("sees past a full workflow whose backlog is long", async () => {
    const { id } = await createTestProject();
    const narrow = await limited(id, 1);
    await putMany(id, 3_000, narrow);
    const { started, execute } = gauge(true);
    await start({ execute });
    await until(() => started.length === 1);
    const behind = await put(id);
    await until(() => started.includes(behind));
    expect(started).toHaveLength(2);
  });

  it("starts what a person asked for first, a bulk act's last, and the rest by age", async () => {
    const { id } = await createTestProject();
    const { started, execute, letGo } = gauge(true);
    const holder = await put(id);
    const engine = await start({ execute, places: 1 });
    await until(() => started.length === 1);
    const bulk = await put(id, { priority: -300 });
    const [first, second] = [await put(id), await put(id)];
    const person = await put(id, { priority: 100 });
    const begun = await put(id, { priority: 600 });
    engine.wake();
    const waiting =
      name === "the lane"
        ? "select 1 from outbox where held_by is null"
        : `select 1 from ${schema}.queue where ready`;
    await until(async () => (await database.query(waiting)).length === 5);
    letGo();
    await until(() => started.length === 6);
    expect(started).toEqual([holder, begun, person, first, second, bulk]);
  });

  it("gives projects their turn: one run is not behind another project's thousands", async () => {
    const many = (await createTestProject()).id;
    await putMany(many, 3_000, randomUUID());
    const { started, execute } = gauge();
    const engine = await start({ execute, places: 4 });
    await until(() => started.length > 20);
    const before = started.length;
    const others = await Promise.all([1, 2, 3].map(async () => put((await createTestProject()).id)));
    engine.wake();
    await until(() => others.every((one) => started.includes(one)));
    expect(started.length - before).toBeLessThan(500);
  });

  it("keeps what is for later without a place, and delivers it then", async () => {
    const { id } = await createTestProject();
    const { started, execute } = gauge();
    const run = await put(id);
    const notBefore = Date.now() + 3_600_000;
    await database.query(
      `update outbox set not_before = to_timestamp($1::float8 / 1000), data = data || jsonb_build_object('notBefore', $1::float8)`,
      [notBefore],
    );
    const engine = await start({ execute, places: 1 });
    const now = await put(id);
    await until(() => started.length === 1);
    expect(started).toEqual([now]);
    await database.query("update outbox set not_before = now()");
    await database.query(`update ${schema}.queue set run_at = now()`);
    engine.wake();
    await until(() => started.includes(run));
    await until(() => isSettled(schema));
  });

  it("delivers again what failed, eleven times, and gives it up then", async () => {
    const { id } = await createTestProject();
    const tries: Record<string, number> = {};
    const givenUp: string[] = [];
    const [hopeless, recovers] = [await put(id), await put(id)];
    await start({
      backoffMs: 1,
      execute: async (runId) => {
        tries[runId] = (tries[runId] ?? 0) + 1;
        if (runId === hopeless || tries[runId] < 3) throw new Error("no");
      },
      giveUp: async (runId) => givenUp.push(runId),
    });
    await until(() => isSettled(schema));
    expect(tries).toEqual({ [hopeless]: 11, [recovers]: 3 });
    expect(givenUp).toEqual([hopeless]);
  });

  it("delivers anew what an engine held that is dead, and gives up what has taken five with it", async () => {
    const { id } = await createTestProject();
    const run = await put(id);
    const { started, execute } = gauge(true);
    const givenUp: string[] = [];
    for (let engines = 1; engines <= 5; engines++) {
      const engine = await start({ execute, giveUp: async (runId) => givenUp.push(runId) });
      await until(() => started.length === engines);
      await engine.die();
      running = [];
    }
    const last = await start({ execute, giveUp: async (runId) => givenUp.push(runId) });
    await until(() => givenUp.length === 1);
    await until(() => isSettled(schema));
    expect([givenUp, started.length]).toEqual([[run], 5]);
    await last.stop();
  });

  describe("executes real runs", () => {
    let clinic: Clinic;
    let runner: ScriptedRunner;
    const runsOf = (messageId: string) =>
      database.query<{ id: string; state: string }>(
        "select id, state from runs where message_id = $1 order by id",
        [messageId],
      );
    const executing = () => {
      const storage = postgresStorage(database);
      const host = { ...testExecutionHost(runner), storage };
      return {
        host,
        execute: (runId: string, loaded?: Parameters<typeof executeRun>[3]) =>
          executeRun(host, runId, (_, work) => work(), loaded),
        giveUp: (runId: string) => giveUpRun(host, runId),
      };
    };
    beforeEach(async () => {
      clinic = await createClinic();
      runner = new ScriptedRunner();
    });

    it("of several steps, with a failure that another step handles", async () => {
      runner.script = ({ job }) => (job.name === "Payment" ? failure() : {});
      await start(executing());
      const messages = await Promise.all([1, 2, 3, 4].map(() => clinic.receive({ form: "visit" })));
      for (const id of messages)
        await until(async () => (await runsOf(id)).every(({ state }) => state === "success"));
      await until(() => isSettled(schema));
      const steps = await database.query<{ name: string; reason: string }>(
        "select job_name as name, exit_reason as reason from steps where message_id = any($1) order by message_id, ordinal",
        [messages],
      );
      expect(steps.map(({ name, reason }) => `${name} ${reason}`)).toEqual(
        messages.flatMap(() => ["Referral success", "Payment fail", "Notify success"]),
      );
      expect(new Set(runner.started.map(({ stepId }) => stepId)).size).toBe(12);
    });

    it("that are cancelled while they wait, and while they run", async () => {
      let isStopped = false;
      runner.script = async () => {
        await until(() => isStopped);
        return { reason: "cancel" };
      };
      const asked = executing();
      await start({ ...asked, places: 1 });
      const [runs, waits] = [
        await clinic.receive({ form: "visit" }),
        await clinic.receive({ form: "visit" }),
      ];
      await until(() => runner.started.length === 1);
      const idOf = async (message: string) => (await runsOf(message))[0]?.id ?? "";
      for (const message of [waits, runs]) await cancelRun(clinic.ctx, await idOf(message));
      await stopRun(asked.host, await idOf(runs), 0);
      expect(new Set(runner.cancelled).size).toBe(1);
      isStopped = true;
      for (const message of [waits, runs])
        await until(async () => (await runsOf(message)).every(({ state }) => state === "cancelled"));
      expect(runner.started).toHaveLength(1);
    });

    it("that were begun when their engine died: the next one follows the job, and no job is begun twice", async () => {
      const ended: (() => void)[] = [];
      runner.script = ({ stepId }) =>
        new Promise((resolve) => {
          runner.known.set(stepId, {
            ...{ reason: "success", output: '{"data":{}}', error: null, conditions: {} },
            ...{ durationMs: 1, peakMemoryMb: null, connections: [] },
          });
          if (ended.length > 0) resolve({});
          else ended.push(() => resolve({}));
        });
      const first = await start(executing());
      const message = await clinic.receive({ form: "visit" });
      await until(() => runner.started.length === 1);
      await first.die();
      running = [];
      await start(executing());
      await until(async () => (await runsOf(message)).every(({ state }) => state === "success"));
      ended[0]?.();
      await until(() => isSettled(schema));
      expect(runner.started.map(({ job }) => job.name)).toEqual(["Referral", "Payment"]);
    });
  });
});
