import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Database, Row, Sql } from "@/db/client";
import type { Completion, StepStart } from "@/lib/execution/storage";
import { kept } from "@/lib/state/kept";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { result } from "@/lib/testing/scripted-runner";
import { completeSteps } from "./complete-steps";
import { loadRuns } from "./load-runs";
import { startSteps, withdrawSteps } from "./start-steps";
import { postgresStorage } from "./storage";

const database = testDatabase();
const storage = postgresStorage(database);
let projectId: string;
const workflowId = randomUUID();
const jobId = randomUUID();
const executorId = randomUUID();
const runnerId = randomUUID();

beforeEach(async () => {
  projectId = (await createTestProject()).id;
});

/** A run that waits, on a work order of its own or a given one, for a message of its own or a given one. */
async function waitingRun(of: { workOrderId?: string; messageId?: string } = {}) {
  const messageId = of.messageId ?? (await message());
  const workOrderId = of.workOrderId ?? (await workOrder(messageId));
  const [run] = await database.query<{ id: string }>(
    `insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_job_id)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [projectId, workflowId, workOrderId, messageId, randomUUID(), jobId],
  );
  return { id: run?.id ?? "", messageId, workOrderId };
}

async function message(): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
     values ($1, 'inbox', 'POST', '{}', '{}', '{}', 'json', '1', 1, '1') returning id`,
    [projectId],
  );
  return row?.id ?? "";
}

async function workOrder(messageId: string): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    "insert into work_orders (project_id, workflow_id, snapshot_id, message_id) values ($1, $2, $3, $4) returning id",
    [projectId, workflowId, randomUUID(), messageId],
  );
  return row?.id ?? "";
}

/** The start of a step of a run that waits; `epoch` is 1 once it was opened. */
const startOf = (run: { id: string; messageId: string }, ordinal = 0, epoch = 0): StepStart => ({
  runId: run.id,
  executorId,
  epoch,
  runnerId,
  startingEdges: null,
  projectId,
  workflowId,
  messageId: run.messageId,
  jobId,
  jobName: "Job",
  adaptor: "@openfn/language-common@3.3.4",
  ordinal,
  follows: null,
  inputDataclipId: null,
});

const completionOf = (stepId: string, of: Partial<Omit<Completion, "kept">> = {}): Completion => ({
  stepId,
  epoch: 1,
  result: result({ output: `{"step":"${stepId}"}` }),
  kept: kept(projectId, of.result ?? result({ output: `{"step":"${stepId}"}` })),
  takenEdges: [],
  logLines: 0,
  credentialName: null,
  runEnd: { state: "success", errorType: null, errorMessage: null },
  ...of,
});

async function startAll(runs: { id: string; messageId: string }[]): Promise<string[]> {
  const started = await storage.startSteps(runs.map((run) => startOf(run)));
  return started.map((one) => ("step" in one ? one.step.id : ""));
}

const one = async <T extends Record<string, unknown>>(text: string, id: string) =>
  (await database.query<T>(text, [id]))[0];
const runOf = (id: string) => one<{ state: string }>("select state from runs where id = $1", id);
const orderOf = (id: string) => one<{ state: string }>("select state from work_orders where id = $1", id);
const jobStateOf = (messageId: string) =>
  one<{ result: string; running_steps: number; step_id: string | null }>(
    "select result, running_steps, step_id from job_states where message_id = $1",
    messageId,
  );

describe("many steps at a time", () => {
  test("are started with a verdict each: started, known, closed, unknown", async () => {
    const [fresh, begun, cancelled] = [await waitingRun(), await waitingRun(), await waitingRun()];
    const [earlier] = await startAll([begun]);
    await database.query("update runs set state = 'cancelled' where id = $1", [cancelled.id]);
    const nobody = { id: randomUUID(), messageId: randomUUID() };
    const verdicts = await storage.startSteps([
      startOf(begun, 0, 1),
      startOf(nobody),
      startOf(fresh),
      startOf(cancelled),
    ]);
    expect(verdicts.map((verdict) => verdict.kind)).toEqual(["known", "closed", "started", "closed"]);
    expect(verdicts[0]).toMatchObject({ step: { id: earlier } });
    expect(await runOf(fresh.id)).toEqual({ state: "running" });
    expect(await orderOf(fresh.workOrderId)).toEqual({ state: "running" });
    expect(await runOf(cancelled.id)).toEqual({ state: "cancelled" });
    expect(await jobStateOf(fresh.messageId)).toMatchObject({ result: "in_progress", running_steps: 1 });
  });

  test("of one message and job count as two executions, of which the last to finish decides", async () => {
    const first = await waitingRun();
    const second = await waitingRun({ messageId: first.messageId });
    const [a = "", b = ""] = await startAll([first, second]);
    expect(await jobStateOf(first.messageId)).toMatchObject({ running_steps: 2 });
    const failed = result({ reason: "fail", error: { type: "JobError", message: "no" } });
    await storage.completeSteps([completionOf(a), completionOf(b, { result: failed })]);
    const ends = await database.query<{ id: string; finished_at: Date; exit_reason: string }>(
      "select id, exit_reason, finished_at from steps where message_id = $1 order by finished_at desc, started_at desc, id desc",
      [first.messageId],
    );
    expect(await jobStateOf(first.messageId)).toEqual({
      running_steps: 0,
      step_id: ends[0]?.id,
      result: ends[0]?.exit_reason === "success" ? "success" : "failure",
    });
  });

  test("of one work order leave it in the state of the run that ended last, and never final while one runs", async () => {
    const [a, b, c] = [await waitingRun(), await waitingRun(), await waitingRun()];
    const [a2, b2] = [
      await waitingRun({ workOrderId: a.workOrderId }),
      await waitingRun({ workOrderId: b.workOrderId }),
    ];
    const [ofA = "", ofA2 = "", ofB = "", ofC = ""] = await startAll([a, a2, b, c]);
    const end = (state: "failed" | "success") => ({ runEnd: { state, errorType: null, errorMessage: null } });
    await storage.completeSteps([
      completionOf(ofA, end("success")),
      completionOf(ofA2, end("failed")),
      completionOf(ofB, end("success")),
      completionOf(ofC, end("failed")),
    ]);
    const [last] = await database.query<{ state: string }>(
      "select state from runs where work_order_id = $1 order by finished_at desc, id desc limit 1",
      [a.workOrderId],
    );
    expect(await orderOf(a.workOrderId)).toEqual(last);
    expect(await runOf(b2.id)).toEqual({ state: "pending" });
    expect(await orderOf(b.workOrderId)).toEqual({ state: "pending" });
    expect(await orderOf(c.workOrderId)).toEqual({ state: "failed" });
  });

  test("are completed with each its own output, error and end, in the order of what was asked", async () => {
    const runs = [await waitingRun(), await waitingRun(), await waitingRun()];
    const [a = "", b = "", c = ""] = await startAll(runs);
    const odd = '{"text":"\\u0000 \\"quoted\\" {},","n":1.0}';
    const lost = result({
      reason: "lost",
      output: null,
      error: { type: "Lost", message: "gone \u0000 \ud800", details: { "key \u0000": ["\ud800"] } },
    });
    const completed = await storage.completeSteps([
      completionOf(a, { result: result({ output: odd }), takenEdges: ["e1", "e2"], logLines: 3 }),
      completionOf(b, { result: lost, runEnd: { state: "lost", errorType: "Lost", errorMessage: "gone" } }),
      completionOf(randomUUID()),
      completionOf(c, { runEnd: null, credentialName: "Registry" }),
    ]);
    expect(completed.map((one) => one.wasFirst)).toEqual([true, true, false, true]);
    expect((await storage.readState(projectId, completed[0]?.outputDataclipId ?? ""))?.body).toBe(odd);
    expect(completed[1]?.outputDataclipId).toBeNull();
    expect((await storage.readState(projectId, completed[3]?.outputDataclipId ?? ""))?.body).toBe(
      `{"step":"${c}"}`,
    );
    expect(await Promise.all(runs.map((run) => runOf(run.id)))).toEqual([
      { state: "success" },
      { state: "lost" },
      { state: "running" },
    ]);
    expect(
      await database.query(
        "select error_message, credential_name, taken_edges, log_lines, error->>'type' as type from steps where id = any($1) order by ordinal, started_at, id",
        [[a, b, c]],
      ),
    ).toEqual(
      expect.arrayContaining([
        { error_message: null, credential_name: null, taken_edges: ["e1", "e2"], log_lines: 3, type: null },
        {
          error_message: "gone \ufffd \ufffd",
          credential_name: null,
          taken_edges: [],
          log_lines: 0,
          type: "Lost",
        },
        { error_message: null, credential_name: "Registry", taken_edges: [], log_lines: 0, type: null },
      ]),
    );
  });

  test("completed a second time change nothing and say what is stored", async () => {
    const run = await waitingRun();
    const [step = ""] = await startAll([run]);
    const [first] = await storage.completeSteps([completionOf(step)]);
    const [second] = await storage.completeSteps([
      completionOf(step, { result: result({ output: '{"other":true}' }) }),
    ]);
    expect(second).toMatchObject({
      wasFirst: false,
      outputDataclipId: first?.outputDataclipId,
      stored: { id: step, exitReason: "success", takenEdges: [], outputDataclipId: first?.outputDataclipId },
    });
    expect(await jobStateOf(run.messageId)).toMatchObject({ result: "success", running_steps: 0 });
  });

  test("that are the same step twice are started, completed and ended once", async () => {
    const run = await waitingRun();
    const [opened = ""] = await startAll([run]);
    await storage.completeSteps([completionOf(opened, { runEnd: null, result: result({ output: null }) })]);
    const [first, second] = await storage.startSteps([startOf(run, 1, 1), startOf(run, 1, 1)]);
    expect([first?.kind, second?.kind]).toEqual(["started", "known"]);
    expect(await jobStateOf(run.messageId)).toMatchObject({ running_steps: 1 });
    const stepId = first?.kind === "started" ? first.step.id : "";
    const [done, again] = await storage.completeSteps([
      completionOf(stepId, { runEnd: null }),
      completionOf(stepId, { runEnd: null, result: result({ output: '{"other":true}' }) }),
    ]);
    expect(done?.wasFirst).toBe(true);
    expect(again).toMatchObject({ wasFirst: false, outputDataclipId: done?.outputDataclipId });
    expect(await database.query("select 1 from dataclips where project_id = $1", [projectId])).toHaveLength(
      1,
    );
    const end = { state: "success", errorType: null, errorMessage: null } as const;
    const ends = [
      { runId: run.id, epoch: 1, end },
      { runId: run.id, epoch: 1, end },
    ];
    expect(await storage.endRuns(ends)).toEqual([true, false]);
  });

  test("one whose row is taken away in the very moment is nobody's, and was not cancelled", async () => {
    const run = await waitingRun();
    const [stepId = ""] = await startAll([run]);
    const sql: Sql = {
      async query<T extends Row>(text: string, values?: unknown[], name?: string) {
        if (name === "known-steps") await withdrawSteps(database, [{ stepId, epoch: 1 }]);
        return database.query<T>(text, values, name);
      },
    };
    expect(await startSteps(sql, [startOf(run, 0, 1)])).toEqual([{ kind: "superseded" }]);
    await database.query("update runs set cancel_requested_at = now() where id = $1", [run.id]);
    expect(await startSteps(database, [startOf(run, 0, 1)])).toEqual([{ kind: "closed" }]);
  });

  test("are withdrawn together, and may be started again", async () => {
    const run = await waitingRun();
    const other = await waitingRun({ messageId: run.messageId });
    const ids = await startAll([run, other]);
    await storage.withdrawSteps(ids.map((stepId) => ({ stepId, epoch: 1 })));
    expect(await jobStateOf(run.messageId)).toBeUndefined();
    expect((await storage.startSteps([startOf(run, 0, 1)]))[0]?.kind).toBe("started");
  });
});

test("a step costs the same however many runs wait in its project", async () => {
  const alone = await pagesOfAStep();
  await database.query(
    `with m as (
       insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'json', '1', 1, '1' from generate_series(1, 4000) returning id
     ),
     o as (
       insert into work_orders (project_id, workflow_id, snapshot_id, message_id) select $1, $2, $2, id from m
       returning id, message_id
     )
     insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_job_id)
     select $1, $2, id, message_id, $2, $3 from o`,
    [projectId, workflowId, jobId],
  );
  const behindMany = await pagesOfAStep();
  expect(behindMany).toBeLessThan(alone * 1.5 + 20);
});

/** Pages that starting and completing one step reads and writes, with a plan that serves any values. */
async function pagesOfAStep(): Promise<number> {
  const run = await waitingRun();
  let pages = 0;
  const done = new Error("taken back");
  const work = database.transaction(async (sql) => {
    await sql.query("set local plan_cache_mode = force_generic_plan");
    const counting: Sql = {
      async query<T extends Row>(text: string, values: unknown[] = []) {
        await sql.query("savepoint counted");
        const [row] = await sql.query<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
          `explain (analyze, buffers, format json) ${text}`,
          values,
        );
        const plan = row?.["QUERY PLAN"][0].Plan ?? {};
        pages += (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
        await sql.query("rollback to savepoint counted");
        return sql.query<T>(text, values);
      },
    };
    const [started] = await startSteps(counting, [startOf(run)]);
    if (started?.kind !== "started") throw new Error("The step was not started.");
    await completeSteps(counting, [completionOf(started.step.id)], () => {});
    throw done;
  });
  await expect(work).rejects.toBe(done);
  return pages;
}

test("steps that are asked for at the same time go together", async () => {
  const texts: (string | undefined)[] = [];
  const counted: Database = {
    ...database,
    query: (text, values, name) => {
      texts.push(name);
      return database.query(text, values, name);
    },
  };
  const grouped = postgresStorage(counted);
  const runs = await Promise.all(Array.from({ length: 12 }, () => waitingRun()));
  const started = (await Promise.all(runs.map((run) => grouped.startSteps([startOf(run)])))).flat();
  expect(started.map((one) => one.kind)).toEqual(runs.map(() => "started"));
  const ids = started.flatMap((one) => (one.kind === "started" ? one.step.id : []));
  const completed = await Promise.all(ids.map((id) => grouped.completeSteps([completionOf(id)])));
  expect(completed.flat().every((one) => one.wasFirst)).toBe(true);
  expect(texts).toEqual(["start-steps", "complete-steps"]);
});

test("a large output waits for nobody and nobody for it", async () => {
  const names: (string | undefined)[] = [];
  const counted: Database = {
    ...database,
    query: (text, values, name) => {
      names.push(name);
      return database.query(text, values, name);
    },
  };
  const runs = await Promise.all(Array.from({ length: 3 }, () => waitingRun()));
  const [a = "", b = "", c = ""] = await startAll(runs);
  const grouped = postgresStorage(counted);
  const large = result({ output: JSON.stringify("x".repeat(100_000)) });
  const completed = await grouped.completeSteps([
    completionOf(a),
    completionOf(b, { result: large }),
    completionOf(c),
  ]);
  expect(completed.every((one) => one.wasFirst)).toBe(true);
  expect(names.sort()).toEqual(["complete-step", "complete-steps"]);
});

test("runs are ended and loaded by the list, each for itself", async () => {
  const [a, b] = [await waitingRun(), await waitingRun()];
  const end = { state: "exception", errorType: "X", errorMessage: "why" } as const;
  expect(await storage.endRuns([{ runId: a.id, epoch: 0, end }])).toEqual([true]);
  expect(
    await storage.endRuns([
      { runId: a.id, epoch: 0, end },
      { runId: b.id, epoch: 0, end },
    ]),
  ).toEqual([false, true]);
  expect(await orderOf(b.workOrderId)).toEqual({ state: "exception" });
  const c = await waitingRun();
  expect((await storage.loadRuns([b.id, c.id])).map((run) => run?.id)).toEqual([undefined, c.id]);
});

describe("who has a run", () => {
  const end = { state: "success", errorType: null, errorMessage: null } as const;

  test("is who took it last: what is said under an older epoch changes nothing", async () => {
    const run = await waitingRun();
    const [stepId = ""] = await startAll([run]);
    const taken = await storage.takeOver(run.id, randomUUID());
    expect(taken).toMatchObject({ epoch: 2, steps: [{ id: stepId, epoch: 2, runnerId, finishedAt: null }] });
    const older = { stepId, epoch: 1, runnerId: randomUUID(), logLines: 3 };
    expect((await storage.startSteps([startOf(run, 1, 1)]))[0]?.kind).toBe("superseded");
    expect(await storage.moveStep(older)).toBe("superseded");
    expect(await storage.repeatStep(older)).toBe("superseded");
    expect(await storage.adoptStep(older)).toBe(false);
    await storage.withdrawSteps([older]);
    expect(await storage.endRuns([{ runId: run.id, epoch: 1, end }])).toEqual([false]);
    const [completed] = await storage.completeSteps([completionOf(stepId)]);
    expect(completed).toMatchObject({ wasFirst: false, stored: { id: stepId, epoch: 2, finishedAt: null } });
    expect(await runOf(run.id)).toEqual({ state: "running" });
    expect(await jobStateOf(run.messageId)).toMatchObject({ result: "in_progress", running_steps: 1 });

    expect(await storage.repeatStep({ ...older, epoch: 2 })).toBe("moved");
    expect(await storage.takeOver(run.id, randomUUID())).toMatchObject({
      epoch: 3,
      steps: [{ repeats: 1, logLines: 3, runnerId: older.runnerId }],
    });
    expect((await storage.completeSteps([completionOf(stepId, { epoch: 3 })]))[0]?.wasFirst).toBe(true);
    expect(await runOf(run.id)).toEqual({ state: "success" });
    expect(await storage.takeOver(run.id, randomUUID())).toBeNull();
  });

  test("of two who open one that waits, one has it", async () => {
    const run = await waitingRun();
    const both = await Promise.all([1, 2].map(() => startSteps(database, [startOf(run)])));
    expect(
      both
        .flat()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(["started", "superseded"]);
  });

  test("nobody, once it was cancelled: no step moves, is repeated or ends it while one runs", async () => {
    const run = await waitingRun();
    const [stepId = ""] = await startAll([run]);
    await database.query("update runs set cancel_requested_at = now() where id = $1", [run.id]);
    const held = { stepId, epoch: 1, runnerId, logLines: 0 };
    expect(await storage.moveStep(held)).toBe("closed");
    expect(await storage.repeatStep(held)).toBe("closed");
    expect(await storage.endRuns([{ runId: run.id, epoch: 1, end }])).toEqual([false]);
    expect(await storage.runningSteps(run.id)).toEqual([{ id: stepId, runnerId }]);
  });
});

test("what every run asks is planned once for a connection, and not for each run", async () => {
  const runs = await Promise.all(Array.from({ length: 12 }, () => waitingRun()));
  const planned = await database.transaction(async (sql) => {
    for (const run of runs) {
      await loadRuns(sql, [run.id]);
      const [started] = await startSteps(sql, [startOf(run)]);
      await completeSteps(sql, [completionOf(started && "step" in started ? started.step.id : "")], () => {});
    }
    return sql.query<{ name: string }>(
      "select name from pg_prepared_statements where name = any($1) and generic_plans > 0 order by name",
      [["load-runs", "start-step", "complete-step"]],
    );
  });
  expect(planned.map(({ name }) => name)).toEqual(["complete-step", "load-runs", "start-step"]);
});

describe("locks are taken in one order: job states, runs, work orders", () => {
  /** What is locked while `act` waits for a row that is held: of the tables given, those whose row nobody else can lock. */
  async function lockedWhileWaiting(
    held: { table: string; where: string; id: string },
    looked: { table: string; id: string; column?: string }[],
    act: () => Promise<unknown>,
  ): Promise<string[]> {
    let acting: Promise<unknown> = Promise.resolve();
    const locked: string[] = [];
    await database.transaction(async (sql) => {
      const [self] = await sql.query<{ pid: number }>("select pg_backend_pid() as pid");
      await sql.query(`select 1 from ${held.table} where ${held.where} = $1 for no key update`, [held.id]);
      acting = act();
      await expect
        .poll(
          () =>
            database.query("select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))", [
              self?.pid,
            ]),
          { timeout: 30_000 },
        )
        .toHaveLength(1);
      for (const { table, id, column = "id" } of looked) {
        const free = await sql.query(
          `select 1 from ${table} where ${column} = $1 for no key update skip locked`,
          [id],
        );
        if (free.length === 0) locked.push(table);
      }
    });
    await acting;
    return locked;
  }

  test.each(["start", "complete"] as const)("%s", async (which) => {
    const first = await waitingRun();
    const [begun = ""] = await startAll([first]);
    const second = await waitingRun({ messageId: first.messageId });
    const [run, act] =
      which === "start"
        ? [second, () => startAll([second])]
        : [first, () => storage.completeSteps([completionOf(begun)])];
    const state = { table: "job_states", where: "message_id", id: run.messageId };
    const rows = [
      { table: "runs", id: run.id },
      { table: "work_orders", id: run.workOrderId },
    ];
    expect(await lockedWhileWaiting(state, rows, act)).toEqual([]);
  });

  test.each(["start", "complete"] as const)("%s: the run before its work order", async (which) => {
    const run = await waitingRun();
    const [begun = ""] = which === "complete" ? await startAll([run]) : [];
    const act = () => (begun ? storage.completeSteps([completionOf(begun)]) : startAll([run]));
    const order = { table: "work_orders", id: run.workOrderId };
    expect(await lockedWhileWaiting({ table: "runs", where: "id", id: run.id }, [order], act)).toEqual([]);
  });

  test("several job states by their keys when steps are withdrawn, whichever way they are stored and asked for", async () => {
    const runs = await Promise.all(Array.from({ length: 16 }, () => waitingRun()));
    runs.sort((a, b) => (a.messageId < b.messageId ? 1 : -1));
    const ids: string[] = [];
    for (const run of runs) ids.push(...(await startAll([run])));
    const [lowest = "", ...rest] = runs.map(({ messageId }) => messageId).sort();
    const looked = rest.map((id) => ({ table: "job_states", id, column: "message_id" }));
    const held = { table: "job_states", where: "message_id", id: lowest };
    // As a plan for many would be: by a hash, in the order in which they are stored.
    const withdraw = () =>
      database.transaction(async (sql) => {
        await sql.query("set local enable_sort = off");
        await sql.query("set local enable_nestloop = off");
        await withdrawSteps(
          sql,
          ids.map((stepId) => ({ stepId, epoch: 1 })),
        );
      });
    expect(await lockedWhileWaiting(held, looked, withdraw)).toEqual([]);
    expect(await Promise.all(runs.map(({ messageId }) => jobStateOf(messageId)))).toEqual(
      runs.map(() => undefined),
    );
  });

  test("several work orders by their ids, whichever way they are asked for", async () => {
    const runs = await Promise.all(Array.from({ length: 6 }, () => waitingRun()));
    const orders = runs.map(({ workOrderId }) => workOrderId).sort();
    const asked = [...runs].sort((a, b) => (a.workOrderId < b.workOrderId ? 1 : -1));
    const rest = orders.slice(1).map((id) => ({ table: "work_orders", id }));
    const lowest = { table: "work_orders", where: "id", id: orders[0] ?? "" };
    let ids: string[] = [];
    const start = async () => {
      ids = await startAll(asked);
    };
    expect(await lockedWhileWaiting(lowest, rest, start)).toEqual([]);
    const complete = () => storage.completeSteps(ids.map((id) => completionOf(id)));
    expect(await lockedWhileWaiting(lowest, rest, complete)).toEqual([]);
  });
});

describe("a work order's state is true, whatever is committed while it is waited for", () => {
  /** Does `first` in a transaction of its own, and commits it when `second`, which it is in the way of, waits. */
  async function inTheWay(first: (sql: Sql) => Promise<unknown>, second: () => Promise<unknown>) {
    let waiting: Promise<unknown> = Promise.resolve();
    await database.transaction(async (sql) => {
      const [self] = await sql.query<{ pid: number }>("select pg_backend_pid() as pid");
      await first(sql);
      waiting = second();
      await expect
        .poll(
          () =>
            database.query("select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))", [
              self?.pid,
            ]),
          { timeout: 30_000 },
        )
        .toHaveLength(1);
    });
    await waiting;
  }

  /** Queues one more run, as a person's rerun does. */
  const queueOne = (workOrderId: string, messageId: string) => async (sql: Sql) => {
    await sql.query(
      `with run as (
         insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_job_id) values ($1, $2, $3, $4, $2, $5)
       )
       update work_orders set state = case when state = 'running' then state else 'pending' end where id = $3`,
      [projectId, workflowId, workOrderId, messageId, jobId],
    );
  };

  test.each(["its last step ends it", "it is ended without one"])(
    "a run is queued while the last one ends: %s",
    async (how) => {
      const run = await waitingRun();
      const [step = ""] = how === "its last step ends it" ? await startAll([run]) : [];
      const end = { state: "success", errorType: null, errorMessage: null } as const;
      await inTheWay(queueOne(run.workOrderId, run.messageId), () =>
        step
          ? storage.completeSteps([completionOf(step)])
          : storage.endRuns([{ runId: run.id, epoch: 0, end }]),
      );
      expect(await runOf(run.id)).toEqual({ state: "success" });
      expect(await orderOf(run.workOrderId)).toEqual({ state: "pending" });
    },
  );

  test("a person cancels a run in the moment in which its first job starts", async () => {
    const run = await waitingRun();
    let verdict: string | undefined;
    await inTheWay(
      async (sql) => {
        await sql.query(
          "update runs set state = 'cancelled', cancel_requested_at = now(), finished_at = now() where id = $1",
          [run.id],
        );
        await sql.query("update work_orders set state = 'cancelled' where id = $1", [run.workOrderId]);
      },
      async () => {
        verdict = (await storage.startSteps([startOf(run)]))[0]?.kind;
      },
    );
    expect(verdict).toBe("closed");
    expect(await database.query("select 1 from steps where run_id = $1", [run.id])).toEqual([]);
    expect(await jobStateOf(run.messageId)).toBeUndefined();
    expect(await orderOf(run.workOrderId)).toEqual({ state: "cancelled" });
  });

  test("two runs of it end at the same time", async () => {
    const one = await waitingRun();
    const two = await waitingRun({ workOrderId: one.workOrderId });
    const [a = "", b = ""] = await startAll([one, two]);
    await inTheWay(
      (sql) => completeSteps(sql, [completionOf(a)], () => {}),
      () => storage.completeSteps([completionOf(b)]),
    );
    expect(await orderOf(one.workOrderId)).toEqual({ state: "success" });
  });
});
