import { randomBytes, randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedEngine } from "@/inngest/embedded/engine";
import { completeEvent } from "@/inngest/embedded/protocol";
import { until } from "@/inngest/embedded/testing/harness";
import { runRequested } from "@/inngest/events";
import { dispatchOutbox } from "@/inngest/outbox";
import { apiOf } from "@/inngest/server/api";
import { Invoker } from "@/inngest/server/invoke";
import { seedingFetch } from "@/inngest/server/seeding-fetch";
import { EventSender } from "@/inngest/server/send";
import { StandIn } from "@/inngest/server/testing/stand-in";
import type { Announcement } from "@/lib/queue/announce";
import { ownTestDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { forgottenByEngine } from "./embedded";
import { forgottenByServer } from "./server";
import { type FindForgotten, ForgottenRuns } from "./watch";

const database = await ownTestDatabase();
const doubtMs = 20_000;

/** Makes runs of a project that wait, with their outbox rows. */
async function arrive(projectId: string, count: number): Promise<string[]> {
  const [workflowId, snapshotId] = [randomUUID(), randomUUID()];
  const rows = await database.query<{ id: string }>(
    `with orders as (
       insert into work_orders (project_id, workflow_id, snapshot_id)
       select $1, $2, $3 from generate_series(1, $4) returning id
     ),
     made as (
       insert into runs (project_id, workflow_id, work_order_id, snapshot_id) select $1, $2, id, $3 from orders returning *
     ),
     asked as (
       insert into outbox (project_id, event, data)
       select project_id, 'run/requested', jsonb_build_object('runId', id, 'projectId', project_id, 'workflowId', workflow_id, 'priority', 0)
       from made order by id
     )
     select id from made order by id`,
    [projectId, workflowId, snapshotId, count],
  );
  return rows.map((row) => row.id);
}

const statesOf = async (ids: string[]) =>
  (
    await database.query<{ state: string }>("select distinct state from runs where id = any($1::uuid[])", [
      ids,
    ])
  ).map((row) => row.state);
const finish = (runId: string) =>
  database.query("update runs set state = 'success', finished_at = now() where id = $1", [runId]);
const inOutbox = async () =>
  (await database.query<{ n: number }>("select count(*)::int as n from outbox"))[0]?.n ?? 0;

/** A client and the product's one event for runs, with a function that ends them. */
function product(options: { fetch: typeof fetch; baseUrl: string; signingKey: string; eventKey: string }) {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new Inngest({ id: "waybill", isDev: false, logger: silent, ...options });
  const executed: string[] = [];
  const executeRun = client.createFunction(
    { id: "execute-run", triggers: [runRequested], retries: 0 },
    async ({ event }) => {
      executed.push(event.data.runId);
      await finish(event.data.runId);
    },
  );
  return { client, functions: [executeRun], executed };
}

let projectId: string;
let told: Announcement[];
let now: number;
function watch(find: FindForgotten, ageMs = 0): ForgottenRuns {
  return new ForgottenRuns({
    database,
    find,
    announce: (announcement) => told.push(announcement),
    ageMs,
    doubtMs,
    now: () => now,
  });
}

beforeEach(async () => {
  await database.query("delete from outbox");
  await database.query("delete from runs");
  projectId = (await createTestProject()).id;
  told = [];
  now = 0;
});

describe("a real Inngest", () => {
  const server = new StandIn();
  let app: http.Server;
  let own: ReturnType<typeof product>;
  let sender: EventSender;
  const find: FindForgotten = (runs) => forgottenByServer(apiOf(server))(runs);
  const dispatch = async () => {
    const send = (events: Parameters<EventSender["sendEach"]>[0]) => sender.sendEach(events);
    while ((await dispatchOutbox({ database, send, batch: 100 })) > 0);
  };

  beforeAll(async () => {
    await server.start();
    const { signingKey, eventKey } = server;
    own = product({ fetch: seedingFetch(fetch), baseUrl: server.origin, signingKey, eventKey });
    app = http.createServer(serve({ client: own.client, functions: own.functions }));
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(async () => {
    server.forget();
    server.places = 0;
    server.sent.length = 0;
    server.failsWith = null;
    own.executed.length = 0;
    sender = new EventSender((event) => own.client.send(event));
    await register();
  });
  afterEach(() => {
    server.places = 0;
  });
  afterAll(async () => {
    await server.stop();
    app.close();
  });
  const register = () =>
    fetch(`http://127.0.0.1:${(app.address() as AddressInfo).port}/api/inngest`, { method: "PUT" });

  it("is left alone with what it has queued, however long it waits", async () => {
    const runs = await arrive(projectId, 40);
    await dispatch();
    expect(server.sent).toHaveLength(40);
    const looks = watch(find);
    for (let look = 0; look < 20; look++) {
      expect(await looks.look()).toBe(0);
      now += doubtMs;
    }
    expect(await inOutbox()).toBe(0);
    expect(told).toEqual([]);
    server.resume(8);
    await until(async () => (await statesOf(runs)).join() === "success");
    // Each once: nothing was asked for twice.
    expect(own.executed.toSorted()).toEqual(runs.toSorted());
    expect(server.sent).toHaveLength(40);
    expect(sender.hasOwnNames).toBe(false);
  });

  it.each([
    [
      "forgets everything",
      120,
      () => {
        server.forget();
        return register();
      },
    ],
    ["forgets its queue and remembers the functions that it began", 15, async () => server.loseQueue()],
    ["gives up", 15, async () => server.giveUp()],
  ])("that %s: its runs are handed back within a doubt's time, under a new name", async (_, count, fail) => {
    const runs = await arrive(projectId, count);
    await dispatch();
    await fail();
    const looks = watch(find);
    expect(await looks.look()).toBe(0);
    now += doubtMs - 1;
    expect(await looks.look()).toBe(0);
    now += 1;
    expect(await looks.look()).toBe(count);
    expect(told).toEqual([{ projectId, runs: expect.any(Array), messages: [], wakesEngine: "runs" }]);
    server.sent.length = 0;
    await dispatch();
    expect(server.sent.toSorted()).toEqual(runs.map((id) => `${id}/1`).toSorted());
    // And what is queued once more is known by its new name.
    for (let look = 0; look < 3; look++) {
      now += doubtMs;
      expect(await looks.look()).toBe(0);
    }
    server.resume(8);
    await until(async () => (await statesOf(runs)).join() === "success");
    expect(own.executed.toSorted()).toEqual(runs.toSorted());
  });

  it("that was asked to begin a run and did not is asked once more, by an event, which it then knows", async () => {
    const invoker = new Invoker({ api: apiOf(server), app: "waybill" });
    const [run = ""] = await arrive(projectId, 1);
    sender = new EventSender(
      (event) => own.client.send(event),
      (event) => invoker.invoke("execute-run", event),
    );
    await dispatchOutbox({ database, send: (events) => sender.sendEach(events, new Set([run])) });
    expect(server.sent).toEqual([]);
    expect(server.queued).toBe(1);
    const looks = watch(find);
    await looks.look();
    now += doubtMs;
    expect(await looks.look()).toBe(1);
    await dispatch();
    expect(server.sent).toEqual([`${run}/1`]);
    for (let look = 0; look < 5; look++) {
      now += doubtMs;
      expect(await looks.look()).toBe(0);
    }
  });

  it("that forgot them a second time is asked a third", async () => {
    const [run = ""] = await arrive(projectId, 1);
    await dispatch();
    const looks = watch(find);
    for (const name of [`${run}/1`, `${run}/2`]) {
      server.forget();
      await register();
      await looks.look();
      now += doubtMs;
      expect(await looks.look()).toBe(1);
      server.sent.length = 0;
      await dispatch();
      expect(server.sent).toEqual([name]);
    }
  });

  it.each([
    ["is away", () => server.stop(), () => server.start()],
    [
      "fails",
      async () => {
        server.failsWith = 503;
      },
      async () => {
        server.failsWith = null;
      },
    ],
  ])(
    "that %s says nothing: nothing is handed back, and all is as it was when it is there again",
    async (_, fail, heal) => {
      const runs = await arrive(projectId, 20);
      await dispatch();
      const looks = watch(find);
      await fail();
      for (let look = 0; look < 3; look++) {
        await expect(looks.look()).rejects.toThrow();
        now += doubtMs;
      }
      await heal();
      expect(await looks.look()).toBe(0);
      server.resume(4);
      await until(async () => (await statesOf(runs)).join() === "success");
      expect(await inOutbox()).toBe(0);
      expect(own.executed).toHaveLength(20);
    },
  );

  it("is not asked about what is still in the outbox, or has just come", async () => {
    await arrive(projectId, 5);
    server.requests.length = 0;
    await watch(find).look();
    expect(server.requests).toEqual([]);
    await dispatch();
    server.forget();
    server.requests.length = 0;
    await watch(find, 3_600_000).look();
    expect(server.requests).toEqual([]);
  });

  it("hands a run back once, although several processes look", async () => {
    await arrive(projectId, 30);
    await dispatch();
    server.forget();
    const processes = [1, 2, 3].map(() => watch(find, 10_000));
    await database.query("update runs set created_at = now() - interval '1 minute'");
    for (const one of processes) await one.look();
    now += doubtMs;
    const handed = await Promise.all(processes.map((one) => one.look()));
    expect(handed.reduce((sum, n) => sum + n, 0)).toBe(30);
    expect(await inOutbox()).toBe(30);
  });

  it("loses one project's runs while it is busy with another's", async () => {
    const busy = await arrive(projectId, 30);
    await dispatch();
    const quiet = (await createTestProject()).id;
    const [run = ""] = await arrive(quiet, 1);
    await database.query("delete from outbox");
    const looks = watch(find);
    await looks.look();
    now += doubtMs;
    expect(await looks.look()).toBe(1);
    await dispatch();
    expect(server.sent.at(-1)).toBe(`${run}/1`);
    expect(server.sent).toHaveLength(busy.length + 1);
  });
});

describe("the embedded engine", () => {
  const schema = `forgotten_${randomBytes(4).toString("hex")}`;
  const keys = { signingKey: `signkey-test-${"ab".repeat(32)}`, eventKey: "test" };
  let engine: EmbeddedEngine;
  let own: ReturnType<typeof product>;

  beforeAll(async () => {
    const { serve: serveEdge } = await import("inngest/edge");
    own = product({ fetch: (...call) => engine.fetch(...call), baseUrl: "http://embedded.local", ...keys });
    const handler = serveEdge({ client: own.client, functions: own.functions });
    engine = new EmbeddedEngine({ database, schema, ...keys, handler, maxInFlight: 0 });
    await engine.start();
  });
  afterAll(async () => {
    await engine.stop();
    await database.query(`drop schema ${schema} cascade`);
  });
  const dispatch = () =>
    dispatchOutbox({
      database,
      send: (events, sql) => engine.sendWithin(sql, events.map(completeEvent)),
    });

  it("has in hand what it holds in the outbox, and what is for later there", async () => {
    const runs = await arrive(projectId, 6);
    await database.query(
      `update outbox set held_by = case when id % 2 = 0 then 'somebody' end, not_before = case when id % 2 = 1 then now() + interval '1 hour' end`,
    );
    const [lost, ...rest] = runs;
    await database.query("delete from outbox where data->>'runId' = $1", [lost]);
    const looks = watch(forgottenByEngine(database, schema));
    expect(await looks.look()).toBe(0);
    now += doubtMs;
    expect(await looks.look()).toBe(1);
    expect(rest).toHaveLength(5);
    expect(await inOutbox()).toBe(6);
  });

  it("keeps what a release without lanes has queued, and what has left it is handed back", async () => {
    const runs = await arrive(projectId, 12);
    await dispatch();
    const looks = watch(forgottenByEngine(database, schema));
    for (let look = 0; look < 5; look++) {
      expect(await looks.look()).toBe(0);
      now += doubtMs;
    }
    const queued = async () =>
      (await database.query<{ n: number }>(`select count(*)::int as n from ${schema}.queue`))[0]?.n;
    expect(await queued()).toBe(12);

    const [kept, ...lost] = runs;
    await database.query(
      `delete from ${schema}.queue q using ${schema}.run r where r.id = q.run_id and r.events->0->'data'->>'runId' = any($1)`,
      [lost],
    );
    expect(await looks.look()).toBe(0);
    now += doubtMs;
    expect(await looks.look()).toBe(11);
    const asked = await database.query<{ run: string; again: number }>(
      "select data->>'runId' as run, (data->>'again')::int as again from outbox order by id",
    );
    expect(asked.map((row) => row.run).toSorted()).toEqual(lost.toSorted());
    expect(new Set(asked.map((row) => row.again))).toEqual(new Set([1]));
    expect(kept).toBeDefined();
    await dispatch();
    expect(await queued()).toBe(12);
    now += doubtMs;
    expect(await looks.look()).toBe(0);
  });
});
