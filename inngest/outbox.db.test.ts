import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { Database } from "@/db/client";
import { testConnect, testDatabase } from "@/lib/testing/database";
import { completeEvent } from "./embedded/protocol";
import { testEngine, until } from "./embedded/testing/harness";
import { engineHealth } from "./health";
import { dispatchOutbox, firstTurn, OutboxDispatcher, type OutboxEvent } from "./outbox";

/** An outbox of its own, in front of the shared one: other suites write to that. */
const schema = `outbox_${randomBytes(4).toString("hex")}`;
const channel = schema;
const admin = testDatabase();
let database: Database;

const put = (event: string, data: Record<string, unknown>) =>
  database.query("insert into outbox (event, data) values ($1, $2)", [event, JSON.stringify(data)]);
/** `count` rows of a project, which say whose they are and which. */
const putMany = (project: string, count: number) =>
  database.query(
    "insert into outbox (project_id, event, data) select $1, 'x/y', jsonb_build_object('of', $1::uuid, 'n', n) from generate_series(1, $2::int) n",
    [project, count],
  );
const left = async () => (await database.query<{ n: number }>("select count(*)::int as n from outbox"))[0]?.n;

beforeAll(async () => {
  await admin.query(`create schema ${schema}`);
  const url = new URL(inject("databaseUrl"));
  url.searchParams.set("options", `-c search_path=${schema},public`);
  database = testConnect(url.href, { max: 4 });
  await database.query(
    `create table ${schema}.outbox (like public.outbox including all excluding constraints)`,
  );
});
beforeEach(async () => {
  await database.query("delete from outbox");
});
afterAll(async () => {
  await database.close();
  await admin.query(`drop schema ${schema} cascade`);
});

describe("a batch of the outbox", () => {
  it("is sent oldest first and is gone when it was sent", async () => {
    const sent: OutboxEvent[] = [];
    for (let i = 0; i < 5; i++) await put("x/y", { i });
    const send = async (events: OutboxEvent[]) => void sent.push(...events);
    expect(await dispatchOutbox({ database, send, batch: 3 })).toBe(3);
    expect(await dispatchOutbox({ database, send, batch: 3 })).toBe(2);
    expect(await dispatchOutbox({ database, send, batch: 3 })).toBe(0);
    expect(sent.map((event) => event.data.i)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(sent.map((event) => event.id)).size).toBe(5);
  });

  it("has cancellations in it, however much else of their project is before them, and goes on with that", async () => {
    const project = randomUUID();
    await putMany(project, 20);
    await database.query("insert into outbox (project_id, event, data) values ($1, 'run/cancelled', '{}')", [
      project,
    ]);
    const sent: OutboxEvent[] = [];
    const turn = firstTurn();
    const send = async (events: OutboxEvent[]) => void sent.push(...events);
    expect(await dispatchOutbox({ database, send, batch: 4 }, turn)).toBe(5);
    expect(sent.map((event) => event.name)).toEqual([
      ...Array.from({ length: 4 }, () => "x/y"),
      "run/cancelled",
    ]);
    expect(turn.isMore).toBe(true);
  });

  it("has what an embedded engine had in hand that is gone", async () => {
    await putMany(randomUUID(), 2);
    await database.query("update outbox set held_by = 'an engine' where (data->>'n')::int = 1");
    const sent: OutboxEvent[] = [];
    expect(await dispatchOutbox({ database, send: async (events) => void sent.push(...events) })).toBe(2);
    expect(sent.map((event) => event.data.n)).toEqual([1, 2]);
  });

  it("names a run's request by the run, so that two requests are one event", async () => {
    const sent: OutboxEvent[] = [];
    await put("run/requested", { runId: "r1" });
    await put("run/requested", { runId: "r1" });
    await dispatchOutbox({ database, send: async (events) => void sent.push(...events) });
    expect(sent.map((event) => event.id)).toEqual(["r1", "r1"]);
  });

  it("names each time that a run was handed back apart, so that no engine takes it for one that it has had", async () => {
    const sent: OutboxEvent[] = [];
    for (const again of [1, 1, 2]) await put("run/requested", { runId: "r1", again });
    await dispatchOutbox({ database, send: async (events) => void sent.push(...events) });
    expect(sent.map((event) => event.id)).toEqual(["r1/1", "r1/1", "r1/2"]);
  });

  it("says when a run that waits on purpose may be delivered, and nothing of others", async () => {
    const sent: OutboxEvent[] = [];
    const notBefore = Date.now() + 3_600_000;
    await put("run/requested", { runId: "r1", again: 1, notBefore });
    await put("run/requested", { runId: "r2" });
    await dispatchOutbox({ database, send: async (events) => void sent.push(...events) });
    expect(sent.map(({ id, ts }) => ({ id, ts }))).toEqual([
      { id: "r1/1", ts: notBefore },
      { id: "r2", ts: undefined },
    ]);
  });

  it("stays when sending it fails", async () => {
    await put("x/y", {});
    const send = () => Promise.reject(new Error("away"));
    await expect(dispatchOutbox({ database, send })).rejects.toThrow("away");
    expect(await left()).toBe(1);
  });

  it("that another dispatcher has in hand is passed over", async () => {
    await put("x/y", { i: 0 });
    const others: OutboxEvent[] = [];
    await dispatchOutbox({
      database,
      send: async () => {
        await dispatchOutbox({ database, send: async (events) => void others.push(...events) });
      },
    });
    expect(others).toEqual([]);
  });
});

describe("projects take turns", () => {
  /** Sends batches until `isEnough`; returns each. */
  async function batches(size: number, isEnough: (all: OutboxEvent[][]) => boolean, turn = firstTurn()) {
    const all: OutboxEvent[][] = [];
    const send = async (events: OutboxEvent[]) => void all.push(events);
    while (!isEnough(all)) if ((await dispatchOutbox({ database, send, batch: size }, turn)) === 0) break;
    return all;
  }
  const isOf = (project: string) => (event: OutboxEvent) => event.data.of === project;

  it.each([
    ["embedded", 500],
    ["a real Inngest", 200],
  ])("the first row of one is in the next batch, however many another has (%s)", async (_, size) => {
    const [a, b] = [randomUUID(), randomUUID()];
    await putMany(a, 20_000);
    await putMany(b, 1);
    const [first = []] = await batches(size, (all) => all.length === 1);
    expect(first.filter(isOf(b))).toHaveLength(1);
    expect(first.filter(isOf(a))).toHaveLength(size / 2);
  });

  it("also when more projects wait than a batch has rows: each within one round", async () => {
    const projects = Array.from({ length: 23 }, () => randomUUID());
    for (const project of projects) await putMany(project, 3);
    const all = await batches(5, (sent) => sent.length === Math.ceil(23 / 5));
    expect(new Set(all.flat().map((event) => event.data.of)).size).toBe(23);
  });

  it("each in its own order, and everything once, by several dispatchers at once", async () => {
    const projects = Array.from({ length: 7 }, () => randomUUID());
    for (const [i, project] of projects.entries()) await putMany(project, 40 * (i + 1));
    // What the release before wrote has no project, and a turn of its own.
    for (let n = 1; n <= 30; n++) await put("x/y", { of: "nobody", n });
    const total = 40 * 28 + 30;
    const sent: OutboxEvent[] = [];
    const dispatcher = () =>
      new OutboxDispatcher({
        database,
        batch: 50,
        pollMs: 60_000,
        send: async (events) => void sent.push(...events),
      });
    // Alone, so that the order in which batches are sent is the order in which they were taken.
    const alone = dispatcher();
    alone.start();
    await until(() => sent.length === total);
    await alone.stop();
    expect(new Set(sent.map((event) => event.id)).size).toBe(total);
    for (const of of [...projects, "nobody"]) {
      const mine = sent.flatMap((event) => (event.data.of === of ? [Number(event.data.n)] : []));
      expect(mine).toEqual(mine.toSorted((x, y) => x - y));
    }

    sent.length = 0;
    for (const project of projects) await putMany(project, 100);
    const several = [dispatcher(), dispatcher(), dispatcher()];
    for (const one of several) one.start();
    await until(() => sent.length >= 700);
    for (const one of several) await one.stop();
    expect(new Set(sent.map((event) => event.id)).size).toBe(700);
    expect(sent).toHaveLength(700);
    expect(await left()).toBe(0);
  });
});

describe("a dispatcher", () => {
  it("is woken by a notice, long before it would look by itself", async () => {
    const sent: OutboxEvent[] = [];
    const outbox = new OutboxDispatcher({
      database,
      pollMs: 60_000,
      send: async (events) => void sent.push(...events),
    });
    outbox.start();
    const stop = await database.listen([channel], () => outbox.wake());
    await put("x/y", { i: 1 });
    await database.query(`notify ${channel}`);
    await until(() => sent.length === 1);
    await stop();
    await outbox.stop();
  });

  it("looks by itself when notices are lost, and goes on after failures", async () => {
    const sent: OutboxEvent[] = [];
    const errors: unknown[] = [];
    let isAway = true;
    const outbox = new OutboxDispatcher({
      database,
      pollMs: 20,
      send: async (events) => {
        if (isAway) throw new Error("away");
        sent.push(...events);
      },
      onError: (error) => errors.push(error),
    });
    outbox.start();
    await put("x/y", { i: 1 });
    await until(() => errors.length > 0);
    isAway = false;
    await until(() => sent.length === 1);
    await outbox.stop();
    expect(await left()).toBe(0);
  });
});

describe("the embedded engine behind the outbox", () => {
  it("takes rows and starts their functions in one transaction", async () => {
    const heard: string[] = [];
    const { engine } = testEngine(database, { schema, pollMs: 60_000 }, (...words) =>
      heard.push(words.join(" ")),
    );
    await engine.start();
    const send = (events: OutboxEvent[], sql: Parameters<typeof engine.sendWithin>[0]) =>
      engine.sendWithin(sql, events.map(completeEvent));
    await put("t/buffered", { trace: "once" });
    const broken = dispatchOutbox({
      database,
      send: async (events, sql) => {
        await send(events, sql);
        throw new Error("crash before the commit");
      },
    });
    await expect(broken).rejects.toThrow();
    expect(await left()).toBe(1);
    expect(await database.query(`select 1 from ${schema}.run`)).toEqual([]);

    const outbox = new OutboxDispatcher({
      database,
      send,
      isEmbedded: true,
      afterCommit: () => engine.announce(),
    });
    outbox.start();
    await until(() => heard.includes("buffered once"));
    await until(
      async () =>
        (await database.query(`select 1 from ${schema}.run where status = 'completed'`)).length === 1,
    );
    await outbox.stop();
    expect(await engineHealth(database, { schema })).toMatchObject({
      isUp: true,
      engines: 1,
      outbox: 0,
      ready: 0,
    });
    await engine.stop();
    expect(await engineHealth(database, { schema })).toMatchObject({ isUp: false, engines: 0 });
  });

  it("keeps what is for later without a place in it, and starts it then", async () => {
    const heard: string[] = [];
    const { engine } = testEngine(database, { schema, pollMs: 60_000 }, (...words) =>
      heard.push(words.join(" ")),
    );
    await engine.start();
    const send = (events: OutboxEvent[], sql: Parameters<typeof engine.sendWithin>[0]) =>
      engine.sendWithin(sql, events.map(completeEvent));
    await put("t/buffered", { trace: "later", notBefore: Date.now() + 3_600_000 });
    await put("t/buffered", { trace: "now" });
    await dispatchOutbox({ database, send });
    engine.announce();
    await until(() => heard.includes("buffered now"));
    const waits = `from ${schema}.queue q join ${schema}.run r on r.id = q.run_id where r.events->0->'data'->>'trace' = 'later'`;
    expect(
      await database.query(
        `select q.ready, q.owner, q.run_at > now() + interval '50 minutes' as is_later ${waits}`,
      ),
    ).toEqual([{ ready: false, owner: null, is_later: true }]);
    expect(heard).not.toContain("buffered later");
    await database.query(`update ${schema}.queue set run_at = now() where id in (select q.id ${waits})`);
    engine.wake();
    await until(() => heard.includes("buffered later"));
    await engine.stop();
  });

  it("starts another's one message within a few claims, behind 20,000 in the outbox or in the engine", async () => {
    const fair = `${schema}_fair`;
    const heard: string[] = [];
    const { engine } = testEngine(database, { schema: fair, maxInFlight: 4, pollMs: 60_000 }, (...words) =>
      heard.push(words.join(" ")),
    );
    await engine.start();
    const many = randomUUID();
    await database.query(
      "insert into outbox (project_id, event, data) select $1, 't/limited', '{\"tenant\": \"many\"}' from generate_series(1, 20000)",
      [many],
    );
    const one = (tenant: string) =>
      database.query("insert into outbox (project_id, event, data) values ($1, 't/limited', $2)", [
        randomUUID(),
        JSON.stringify({ tenant }),
      ]);
    const turn = firstTurn();
    const dispatch = () =>
      dispatchOutbox(
        {
          database,
          send: (events, sql) => engine.sendWithin(sql, events.map(completeEvent)),
          isEmbedded: true,
        },
        turn,
      );
    /** How many of the other's were started, and claims made, from now until it was. */
    const startedAfter = async (tenant: string) => {
      const before = heard.filter((line) => line === "limited start many").length;
      const claims = engine.stats.claims;
      engine.announce();
      await until(() => heard.includes(`limited start ${tenant}`), 60_000);
      const at = heard.indexOf(`limited start ${tenant}`);
      const others = heard.slice(0, at).filter((line) => line === "limited start many").length - before;
      return { others, claims: engine.stats.claims - claims };
    };

    await one("behind the outbox");
    await dispatch();
    const first = await startedAfter("behind the outbox");
    expect(first.others).toBeLessThan(20);
    expect(first.claims).toBeLessThan(20);

    while ((await dispatch()) > 0);
    await one("behind the queue");
    await dispatch();
    const second = await startedAfter("behind the queue");
    expect(second.others).toBeLessThan(20);
    expect(second.claims).toBeLessThan(20);
    await engine.stop();
    await database.query(`drop schema ${fair} cascade`);
  }, 120_000);
});
