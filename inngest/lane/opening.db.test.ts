import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Database, openClient } from "@/db/client";
import { Presence } from "@/inngest/embedded/presence";
import { ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { until } from "@/inngest/embedded/testing/harness";
import { executeRun } from "@/lib/execution/execute-run";
import type { ExecutionHost } from "@/lib/execution/host";
import { openingOf } from "@/lib/execution/opening";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import {
  type StepFate,
  type StepRef,
  type StepRequest,
  type StepResult,
  SupersededError,
} from "@/lib/runner/contract";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { claimRuns, isMet } from "./claim";
import { RunLane } from "./lane";
import { newSchema } from "./testing/ways";

let database: Database;
let schema: string;
let owner: string;
let clinic: Clinic;
let runner: ScriptedRunner;
let host: ExecutionHost;

beforeAll(async () => {
  database = await ownTestDatabase();
});
afterAll(() => database?.close());

/** As a runner does: it knows what it was given in this life, and who has asked for it last. */
class KnowingRunner extends ScriptedRunner {
  readonly #given = new Map<string, Promise<StepResult>>();
  readonly #epochs = new Map<string, number>();

  override async runStep(request: StepRequest): Promise<StepResult> {
    this.#meet({ stepId: request.stepId, epoch: request.epoch ?? 0 });
    const given = this.#given.get(request.stepId) ?? super.runStep(request);
    this.#given.set(request.stepId, given);
    return given;
  }
  override async followStep(ref: StepRef): Promise<StepFate> {
    this.#meet(ref);
    const given = this.#given.get(ref.stepId);
    return given ? { kind: "result", result: await given } : { kind: "never_started" };
  }
  #meet({ stepId, epoch }: Pick<StepRef, "stepId" | "epoch">) {
    const last = this.#epochs.get(stepId) ?? 0;
    if (epoch < last) throw new SupersededError();
    this.#epochs.set(stepId, epoch);
  }
}

/** A clinic of which it is known how its messages' runs begin, and nothing waits. */
beforeEach(async () => {
  schema = newSchema();
  await applySchema(database, schema);
  owner = ulid();
  await new Presence(database, schema, 15_000).register(owner);
  runner = new KnowingRunner();
  host = hostOf();
  clinic = await createClinic();
  await database.query("delete from outbox");
  await visit();
  await hook();
  for (const { runId, loaded } of await claimed()) await executeRun(host, runId, (_, work) => work(), loaded);
  await database.query("delete from outbox");
  runner.started.length = 0;
});
afterEach(() => database.query(`drop schema ${schema} cascade`));

const hostOf = (): ExecutionHost => ({ ...testExecutionHost(runner), storage: postgresStorage(database) });
const visit = (more: object = {}) => clinic.receive({ form: "visit", ...more });
const hook = () => clinic.receive({}, { to: clinic.triggers.hook });

const nobody = "00000000-0000-0000-0000-000000000000";
const asked = () => ({ owner, room: 8, projectLimit: 8, after: nobody, known: {}, done: [] });
const opened = async (on: Pick<Database, "query"> = database) =>
  (await claimRuns(on as Database, schema, asked(), openingOf(host)))?.claimed ?? [];
const claimed = async () => (await claimRuns(database, schema, asked()))?.claimed ?? [];

/** All that there is of a message's runs but ids and times. */
const rowsOf = async (messageId: string) => {
  const [row] = await database.query(
    `select (select jsonb_agg(to_jsonb(s) - '{id,run_id,message_id,started_at}'::text[]) from steps s where s.message_id = $1) as steps,
       (select jsonb_agg(to_jsonb(r) - '{id,work_order_id,message_id,created_at,started_at}'::text[]) from runs r where r.message_id = $1) as runs,
       (select jsonb_agg(to_jsonb(w) - '{id,message_id,created_at,last_activity,listed_at}'::text[]) from work_orders w where w.message_id = $1) as orders,
       (select jsonb_agg(to_jsonb(j) - '{id,message_id,created_at}'::text[]) from job_states j where j.message_id = $1) as states`,
    [messageId],
  );
  return row;
};
const statesOf = (messageId: string) =>
  database.query<{ state: string; steps: string[] }>(
    `select state, array(select job_name || coalesce(' ' || exit_reason, '') from steps s where s.run_id = r.id order by ordinal) as steps
     from runs r where message_id = $1`,
    [messageId],
  );

it.each([
  ["webhook", () => hook()],
  ["message filter", () => visit()],
])("a run of a %s begins with its claim as it begins by itself", async (_, send) => {
  const alone = await send();
  const [one] = await claimed();
  const stopped = { ...host, runners: { ...host.runners, of: () => neverAnswers } };
  // It is fenced, and waits for its runner for ever.
  void executeRun(stopped, one?.runId ?? "", (_, work) => work(), one?.loaded);
  await until(async () => (await statesOf(alone))[0]?.steps.length === 1);
  const together = await send();
  const [other] = await opened();
  expect(other?.loaded?.begun).toMatchObject({ ordinal: 0, epoch: 1, repeats: 0, attempt: 1, logLines: 0 });
  expect(await rowsOf(together)).toEqual(await rowsOf(alone));
});

const neverAnswers = new Proxy(new ScriptedRunner(), { get: () => () => new Promise(() => {}) });

it("runs each job of what began with its claim once, and asks the database for no start of it", async () => {
  const message = await visit();
  const names: string[] = [];
  const counted: Database = {
    ...database,
    query: (text, values, name) => {
      names.push(name ?? text);
      return database.query(text, values, name);
    },
  };
  host.storage = postgresStorage(counted);
  const [one] = await opened();
  await executeRun(host, one?.runId ?? "", (_, work) => work(), one?.loaded);
  expect(names).toEqual(["complete-step", "start-step", "complete-step"]);
  expect(runner.started.map(({ job }) => job.name)).toEqual(["Referral", "Payment"]);
  expect(await statesOf(message)).toEqual([
    { state: "success", steps: ["Referral success", "Payment success"] },
  ]);
});

const cases: Record<string, (messageId: string) => Promise<unknown>> = {
  "was delivered before": () => database.query("update outbox set attempt = 1"),
  "has taken an engine with it": () => database.query("update outbox set lost = 1"),
  "was cancelled": (id) =>
    database.query("update runs set cancel_requested_at = now() where message_id = $1", [id]),
  "waits for another attempt": (id) =>
    database.query("update runs set retry_at = now() + interval '1 s' where message_id = $1", [id]),
  "has a workflow that is paused": () =>
    database.query("update workflows set paused_at = now() where project_id = $1", [clinic.project.id]),
  "has a project that is paused": () =>
    database.query("update projects set paused_at = now() where id = $1", [clinic.project.id]),
  "begins at a job": (id) =>
    database.query("update runs set starting_job_id = $2 where message_id = $1", [id, clinic.jobs.payment]),
  "has another trigger": (id) =>
    database.query("update runs set starting_trigger_id = $2 where message_id = $1", [id, randomUUID()]),
  "has a message that was wiped": (id) =>
    database.query("update messages set wiped_at = now(), body = '' where id = $1", [id]),
  "was begun by somebody": (id) =>
    database.query(
      "update runs set state = 'running', started_at = now(), executor_id = $2 where message_id = $1",
      [id, randomUUID()],
    ),
};

it.each(Object.entries(cases))("does not begin what %s", async (_, change) => {
  const id = await visit();
  await change(id);
  for (const { loaded } of await opened()) expect(loaded?.begun).toBeUndefined();
  expect((await statesOf(id))[0]?.steps).toEqual([]);
});

it("does not begin what is large, or what another project has under the same ids", async () => {
  const large = await visit({ notes: "x".repeat(100_000) });
  const opening = openingOf(host);
  const beginnings = opening?.beginnings.map((one) => ({ ...one, projectId: randomUUID() })) ?? [];
  expect(beginnings).toHaveLength(2);
  const small = await visit();
  await claimRuns(database, schema, asked(), opening && { ...opening, beginnings });
  for (const id of [large, small]) expect((await statesOf(id))[0]?.steps).toEqual([]);
});

it("knows no beginning where an expression decides it, and none while there are two runners or it stops", async () => {
  expect(openingOf(host)?.beginnings).toHaveLength(2);
  expect(openingOf({ ...host, runners: { ...host.runners, only: () => null } })).toBeNull();
  expect(openingOf({ ...host, isStopping: () => true })).toBeNull();
  expect(openingOf(hostOf())).toBeNull();
  await host.executor.leave();
  expect(openingOf(host)).toBeNull();
});

it("is kept as a step is kept, and a claim alone is not", async () => {
  const commits = async () => {
    let said: { synchronous_commit: string }[] = [];
    await database.transaction(async (sql) => {
      await opened(sql as Database);
      said = await sql.query("show synchronous_commit");
    });
    return said[0]?.synchronous_commit;
  };
  const [usual] = await database.query<{ synchronous_commit: string }>("show synchronous_commit");
  await visit({ notes: "x".repeat(100_000) });
  expect(await commits()).toBe("off");
  await visit();
  expect(await commits()).toBe(usual?.synchronous_commit);
});

it("of two deliveries of one run the first has what was begun, and the job runs once", async () => {
  const id = await hook();
  await database.query(
    "insert into outbox (project_id, event, data) select project_id, event, data from outbox where event = 'run/requested'",
  );
  const both = await opened();
  expect(both.map(({ loaded }) => loaded?.begun !== undefined)).toEqual([true, false]);
  await Promise.all(both.map(({ runId, loaded }) => executeRun(host, runId, (_, work) => work(), loaded)));
  expect(runner.started).toHaveLength(1);
  expect((await statesOf(id))[0]?.steps).toEqual(["Hooked success"]);
});

it.each([
  ["is done in this very moment", true],
  ["takes its time", false],
])("leaves it to who cancels a run and %s", async (_, commits) => {
  const id = await hook();
  const other = await visit();
  const client = await openClient(process.env.DATABASE_URL ?? "");
  try {
    await client.query("begin");
    await client.query("update runs set cancel_requested_at = now() where message_id = $1", [id]);
    let error: unknown;
    const claim = opened().catch((thrown: unknown) => {
      error = thrown;
      return [];
    });
    await until(async () => {
      const waits =
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
      return error !== undefined || (await database.query(waits)).length > 0;
    });
    if (commits) await client.query("commit");
    expect(await claim).toEqual([]);
    expect(isMet(error)).toBe(true);
  } finally {
    await client.end();
  }
  for (const one of [id, other]) expect((await statesOf(one))[0]?.steps).toEqual([]);
  expect(await opened()).toHaveLength(2);
  expect((await statesOf(other))[0]?.steps).toEqual(["Referral"]);
  expect((await statesOf(id))[0]?.steps).toEqual(commits ? [] : ["Hooked"]);
});

const laneOf = (on: Database) =>
  new RunLane({
    ...{ database: on, schema, pollMs: 20, giveUp: async () => {}, onError: () => {} },
    engine: { owner, register: async () => {} },
    opener: { opening: () => openingOf(host), expect: (claim) => host.executor.expect(claim) },
    execute: (runId, loaded) => executeRun(host, runId, (_, work) => work(), loaded),
  });
const isEmpty = async () => (await database.query("select 1 from outbox")).length === 0;

it("a claim that met somebody is made again at once, and brings what there is", async () => {
  let met = 0;
  const meets: Database = {
    ...database,
    query: async (text, values, name) => {
      if (!name?.endsWith("open-runs") || met++ > 0) return database.query(text, values, name);
      throw Object.assign(new Error("could not serialize access"), { code: "40001" });
    },
  };
  const id = await hook();
  const lane = laneOf(meets);
  lane.start();
  await until(isEmpty);
  await lane.stop();
  expect(met).toBeGreaterThan(0);
  expect(await statesOf(id)).toEqual([{ state: "success", steps: ["Hooked success"] }]);
});

it("what began with a claim whose answer was lost is delivered again, and its job runs once", async () => {
  let isCut = true;
  const cut: Database = {
    ...database,
    query: async (text, values, name) => {
      const rows = await database.query(text, values, name);
      if (!isCut || !name?.endsWith("open-runs")) return rows as never;
      isCut = false;
      throw Object.assign(new Error("Connection terminated"), { code: "ECONNRESET" });
    },
  };
  const id = await hook();
  const lane = laneOf(cut);
  lane.start();
  await until(isEmpty);
  await lane.stop();
  expect(isCut).toBe(false);
  expect(runner.started).toHaveLength(1);
  expect(await statesOf(id)).toEqual([{ state: "success", steps: ["Hooked success"] }]);
});

it("what an engine had begun that died before it gave the step to anybody is executed by the next, once", async () => {
  const id = await hook();
  const [one] = await opened();
  expect(one?.loaded?.begun).toBeDefined();
  await executeRun(hostOf(), one?.runId ?? "", (_, work) => work());
  expect(runner.started).toHaveLength(1);
  expect(await statesOf(id)).toEqual([{ state: "success", steps: ["Hooked success"] }]);
  // And should it live after all, it has nothing to say.
  expect(await executeRun(host, one?.runId ?? "", (_, work) => work(), one?.loaded)).toBeNull();
  expect(runner.started).toHaveLength(1);
});

it("an engine that is being stopped takes back what it has begun, and hands the run on", async () => {
  const id = await hook();
  const [one] = await opened();
  const stopping = { ...host, isStopping: () => true };
  expect(await executeRun(stopping, one?.runId ?? "", (_, work) => work(), one?.loaded)).toBeNull();
  expect(runner.started).toEqual([]);
  expect(await statesOf(id)).toEqual([{ state: "running", steps: [] }]);
  await executeRun(hostOf(), one?.runId ?? "", (_, work) => work());
  expect(await statesOf(id)).toEqual([{ state: "success", steps: ["Hooked success"] }]);
});

it("what has begun with a claim that is not answered yet is not handed back", async () => {
  const id = await hook();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const slow: Database = {
    ...database,
    query: async (text, values, name) => {
      const rows = await database.query(text, values, name);
      if (name?.endsWith("open-runs")) await answered;
      return rows as never;
    },
  };
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  runner.script = async () => {
    await held;
    return {};
  };
  const lane = laneOf(slow);
  lane.start();
  await until(async () => (await statesOf(id))[0]?.steps.length === 1);
  const looked = host.executor.look();
  answer();
  expect(await looked).toBe(0);
  letGo();
  await until(isEmpty);
  await lane.stop();
  expect(runner.started).toHaveLength(1);
  expect(await statesOf(id)).toEqual([{ state: "success", steps: ["Hooked success"] }]);
});
