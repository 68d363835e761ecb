import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Database, openClient } from "@/db/client";
import { Presence } from "@/inngest/embedded/presence";
import { ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { until } from "@/inngest/embedded/testing/harness";
import { dispatchOutbox, type OutboxEvent } from "@/inngest/outbox";
import { executeRun } from "@/lib/execution/execute-run";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { createTestProject } from "@/lib/testing/fixtures";
import { CountingConnection } from "@/lib/testing/plans/counting";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { type Claim, claimRuns } from "./claim";
import { RunLane } from "./lane";
import { newSchema } from "./testing/ways";

let database: Database;
let url: string;
let schema: string;
let owner: string;
let presence: Presence;

beforeAll(async () => {
  database = await ownTestDatabase();
  url = process.env.DATABASE_URL ?? "";
});
afterAll(() => database?.close());
beforeEach(async () => {
  schema = newSchema();
  await applySchema(database, schema);
  await database.query("delete from outbox");
  presence = new Presence(database, schema, 15_000);
  owner = ulid();
  await presence.register(owner);
});
afterEach(() => database.query(`drop schema ${schema} cascade`));

const nobody = "00000000-0000-0000-0000-000000000000";
const put = (projectId: string, count: number, workflowId = projectId) =>
  database.query(
    `insert into outbox (project_id, event, data)
     select $1::uuid, 'run/requested', jsonb_build_object('runId', gen_random_uuid(), 'projectId', $1::uuid, 'workflowId', $3::uuid, 'priority', 0)
     from generate_series(1, $2::int)`,
    [projectId, count, workflowId],
  );
const held = () =>
  database.query<{ id: string; by: string; attempt: number; lost: number }>(
    `select id, held_by as by, attempt, lost from outbox where held_by is not null order by id`,
  );
const asked = { room: 8, projectLimit: 8, after: nobody, known: {}, done: [] as string[] };
const claim = (more: Partial<Parameters<typeof claimRuns>[2]> = {}) =>
  claimRuns(database, schema, { ...asked, owner, ...more });
const idsOf = (one: Claim | null) => one?.claimed.map(({ id }) => id) ?? [];

describe("a claim", () => {
  it("costs the same whatever was claimed while a transaction is open, and after it", async () => {
    const { id } = await createTestProject();
    await database.query("alter table outbox set (autovacuum_enabled = false)");
    await put(id, 4_000);
    const old = await openClient(url);
    await old.query("begin isolation level repeatable read");
    await old.query("select 1 from outbox limit 1");
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const counting = new CountingConnection(client, "force_generic_plan");
    let last: Claim | null = null;
    const cost = async () => {
      let pages = 0;
      const more = () => ({
        owner,
        known: last?.known ?? {},
        done: idsOf(last),
        after: last?.after ?? nobody,
      });
      const counted = await counting.during(({ database: one }) =>
        claimRuns(one, schema, { ...asked, ...more() }),
      );
      for (const one of counted) pages = Math.max(pages, one.pages);
      return pages;
    };
    for (let n = 0; n < 5; n++) last = await claim({ known: last?.known ?? {}, done: idsOf(last) });
    const before = await cost();
    for (let n = 0; n < 300; n++)
      last = await claim({ known: last?.known ?? {}, done: idsOf(last), after: last?.after ?? nobody });
    expect(idsOf(last)).toHaveLength(8);
    expect(await cost()).toBeLessThan(before + 60);
    await old.query("commit");
    await old.end();
    await client.end();
  }, 120_000);

  it.each(["force_generic_plan", "force_custom_plan"] as const)(
    "reads what it takes, however much statistics say that waits (%s)",
    async (mode) => {
      const { id } = await createTestProject();
      // More than it looks at, of a workflow that is full, before others.
      await database.query(
        "insert into workflows (id, project_id, name, concurrency) values ($1, $1, 'full', 1)",
        [id],
      );
      await put(id, 6_000);
      await put(id, 1_000, randomUUID());
      await database.query("vacuum analyze outbox");
      const client = await openClient(url);
      const counted = await new CountingConnection(client, mode).during(async ({ database: one }) => {
        // The first reads the catalogue besides.
        for (const projectLimit of [8, 16])
          expect(idsOf(await claimRuns(one, schema, { ...asked, owner, projectLimit }))).toHaveLength(8);
      });
      await client.end();
      expect(counted[1]?.pages).toBeLessThan(600);
    },
  );

  it("counts what others hold, although it reads only what has come since its last", async () => {
    const { id } = await createTestProject();
    await put(id, 40);
    const other = ulid();
    await presence.register(other);
    const first = await claim({ room: 2 });
    await claim({ owner: other, room: 3 });
    const second = await claim({ known: first?.known ?? {} });
    expect(idsOf(second)).toHaveLength(3);
    expect(idsOf(await claim({ known: second?.known ?? {} }))).toEqual([]);
    const ended = idsOf(first);
    expect(idsOf(await claim({ known: second?.known ?? {}, done: ended }))).toHaveLength(2);
  });

  it("from a project that somebody else claims from just then is left to them, and others are not", async () => {
    const [mine, theirs] = [(await createTestProject()).id, (await createTestProject()).id];
    await put(mine, 1);
    await put(theirs, 1);
    await database.transaction(async (sql) => {
      await sql.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${schema} runs ${theirs}`]);
      const one = await claim();
      expect([one?.claimed.map(({ projectId }) => projectId), one?.more]).toEqual([[mine], true]);
    });
    expect((await claim())?.claimed.map(({ projectId }) => projectId)).toEqual([theirs]);
  });

  it("is refused to who was declared lost, and what it held is free again, and counted against it", async () => {
    const { id } = await createTestProject();
    await put(id, 3);
    expect(idsOf(await claim({ room: 2 }))).toHaveLength(2);
    await database.query(`select ${schema}.release($1, 1)`, [[owner]]);
    expect(await held()).toEqual([]);
    expect(await claim()).toBeNull();
    const again = ulid();
    await presence.register(again);
    const second = await claim({ owner: again });
    expect(second?.claimed.map(({ lost }) => lost)).toEqual([1, 1, 0]);
    // What a zombie says is done stays.
    await claim({ owner: again, done: [], room: 0 });
    await claimRuns(database, schema, { ...asked, owner, done: idsOf(second) });
    expect(await held()).toHaveLength(3);
  });
});

describe("a lane", () => {
  const laneOf = (options: Partial<ConstructorParameters<typeof RunLane>[0]> = {}, on = database) =>
    new RunLane({
      ...{ database: on, schema, pollMs: 20, execute: async () => {}, giveUp: async () => {} },
      engine: {
        get owner() {
          return owner;
        },
        register: async () => {
          owner = ulid();
          await presence.register(owner);
        },
      },
      onError: () => {},
      ...options,
    });

  it("gives back what it holds and does not know of, when a claim's answer was lost", async () => {
    const { id } = await createTestProject();
    await put(id, 4);
    let isCut = true;
    const cut: Database = {
      ...database,
      query: async (text, values, name) => {
        const rows = await database.query(text, values, name);
        if (!isCut || !name?.endsWith("claim-runs")) return rows as never;
        isCut = false;
        throw Object.assign(new Error("Connection terminated"), { code: "ECONNRESET" });
      },
    };
    const delivered: string[] = [];
    const lane = laneOf({ execute: async (runId) => delivered.push(runId) }, cut);
    lane.start();
    await until(() => delivered.length === 4);
    await lane.stop();
    expect(new Set(delivered).size).toBe(4);
    expect(await database.query("select 1 from outbox")).toEqual([]);
  });

  it("gives back what a crash of the database has brought back, although it heard of none", async () => {
    const { id } = await createTestProject();
    const delivered: string[] = [];
    const lane = laneOf({ ownMs: 20, execute: async (runId) => delivered.push(runId) });
    lane.start();
    await put(id, 1);
    await until(
      async () => delivered.length === 1 && (await database.query("select 1 from outbox")).length === 0,
    );
    await put(id, 1);
    await database.query("update outbox set held_by = $1", [owner]);
    await until(() => delivered.length === 2);
    await until(async () => (await database.query("select 1 from outbox")).length === 0);
    await lane.stop();
  });

  it("registers anew when it was declared lost, and goes on", async () => {
    const { id } = await createTestProject();
    await presence.leave(owner);
    await put(id, 2);
    const delivered: string[] = [];
    const lane = laneOf({ execute: async (runId) => delivered.push(runId) });
    lane.start();
    await until(() => delivered.length === 2);
    await lane.stop();
    expect(await database.query("select 1 from outbox")).toEqual([]);
  });

  it("that stops waits for what it has under way, claims nothing more, and counts no failure against it", async () => {
    const { id } = await createTestProject();
    await put(id, 2);
    const under: ((error: Error) => void)[] = [];
    const execute = () => new Promise((_, fail) => under.push(fail));
    const lane = laneOf({ maxInFlight: 1, execute });
    lane.start();
    await until(() => under.length === 1);
    const stopped = lane.stop();
    under[0]?.(new Error("stopping"));
    await stopped;
    const left = await database.query("select attempt, lost, held_by as by from outbox");
    expect(left).toEqual([
      { attempt: 0, lost: 0, by: null },
      { attempt: 0, lost: 0, by: null },
    ]);
  });

  it("holds a run until it is done; a release without lanes that takes it meanwhile has it once more, by its epoch", async () => {
    const clinic = await createClinic();
    const message = await clinic.receive({ form: "visit" });
    const runner = new ScriptedRunner();
    let letGo = () => {};
    const opened = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    runner.script = async ({ job }) => {
      if (job.name === "Referral") await opened;
      return {};
    };
    const hostOf = () => ({ ...testExecutionHost(runner), storage: postgresStorage(database) });
    const mine = hostOf();
    const lane = laneOf({ execute: (runId, loaded) => executeRun(mine, runId, (_, work) => work(), loaded) });
    lane.start();
    await until(() => runner.started.length === 1);
    expect(await held()).toHaveLength(1);
    // As the release before does: it takes rows whoever holds them.
    const sent: OutboxEvent[] = [];
    await dispatchOutbox({ database, send: async (events) => void sent.push(...events) });
    expect(sent.map(({ name }) => name)).toEqual(["run/requested"]);
    const [step] = runner.started;
    runner.known.set(step?.stepId ?? "", {
      ...{ reason: "success", output: '{"data":{}}', error: null, conditions: {} },
      ...{ durationMs: 1, peakMemoryMb: null, connections: [] },
    });
    await executeRun(hostOf(), String(sent[0]?.data.runId), (_, work) => work());
    letGo();
    await lane.stop();
    const rows = await database.query(
      `select r.state, array(select job_name || ' ' || exit_reason from steps s where s.run_id = r.id order by ordinal) as steps
       from runs r where message_id = $1`,
      [message],
    );
    expect(rows).toEqual([{ state: "success", steps: ["Referral success", "Payment success"] }]);
    expect(runner.started.map(({ job }) => job.name)).toEqual(["Referral", "Payment"]);
  });

  it("costs a run its start and its end, and a share of the claims that bring and settle it", async () => {
    const clinic = await createClinic();
    await clinic.receive({}, { to: clinic.triggers.hook });
    const host = { ...testExecutionHost(new ScriptedRunner()), storage: postgresStorage(database) };
    await host.executor.ready();
    const warm = laneOf({ execute: (runId, loaded) => executeRun(host, runId, (_, work) => work(), loaded) });
    warm.start();
    await until(async () => (await database.query("select 1 from outbox")).length === 0);
    await warm.stop();

    const asked: string[] = [];
    const counted: Database = {
      ...database,
      query: (text, values, name) => {
        asked.push(name ?? text);
        return database.query(text, values, name);
      },
    };
    host.storage = postgresStorage(counted);
    await clinic.receive({}, { to: clinic.triggers.hook });
    const options = { pollMs: 60_000, maxInFlight: 1 };
    const lane = laneOf(
      { ...options, execute: (runId, loaded) => executeRun(host, runId, (_, work) => work(), loaded) },
      counted,
    );
    lane.start();
    await until(() => lane.stats.claims === 2);
    await lane.stop();
    expect(asked).toEqual([`${schema}.claim-runs`, "start-step", "complete-step", `${schema}.claim-runs`]);
  });

  it("fills with one claim the places that become free while others are taken", async () => {
    const { id } = await createTestProject();
    await put(id, 40);
    const ends: (() => void)[] = [];
    const lane = laneOf({ pollMs: 60_000, execute: () => new Promise<void>((end) => ends.push(end)) });
    // They come often, however slow the machine is.
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      lane.start();
      await until(() => ends.length === 8);
      for (let n = 0; n < 4; n++) {
        ends.shift()?.();
        await until(() => ends.length === 8);
      }
      const { claims } = lane.stats;
      for (const end of ends.splice(0, 4)) end();
      await until(() => ends.length === 8);
      expect(lane.stats.claims - claims).toBe(1);
      // One alone is waited with for a moment.
      ends.shift()?.();
      await until(() => ends.length === 8);
    } finally {
      vi.useRealTimers();
    }
    const stopped = lane.stop();
    for (const end of ends) end();
    await stopped;
    expect(await held()).toEqual([]);
  });

  it("leaves to the executor what it may not bring along: large messages, and workflows that are paused", async () => {
    const clinic = await createClinic();
    await clinic.receive({ form: "visit", notes: "x".repeat(100_000) });
    await clinic.receive({ form: "visit" });
    const one = await claim();
    expect(one?.claimed.map(({ loaded }) => loaded !== undefined)).toEqual([false, true]);
    await database.query(`select ${schema}.release($1, 0)`, [[owner]]);
    await presence.register(owner);
    await database.query("update workflows set paused_at = now() where project_id = $1", [clinic.project.id]);
    expect((await claim())?.claimed.map(({ loaded }) => loaded)).toEqual([undefined, undefined]);
  });

  it("keeps what is for later, as the release before asks for it", async () => {
    const clinic = await createClinic();
    const message = await clinic.receive({ form: "visit" });
    await database.query(
      "update runs set state = 'running', started_at = now(), retry_at = now() + interval '1 hour' where message_id = $1",
      [message],
    );
    const delivered: string[] = [];
    const lane = laneOf({ execute: async (runId) => delivered.push(runId) });
    lane.start();
    const later = "select 1 from outbox where held_by is null and not_before > now() + interval '50 minutes'";
    await until(async () => (await database.query(later)).length === 1);
    await lane.stop();
    expect(delivered).toEqual([]);
  });
});
