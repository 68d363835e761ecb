import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { testEngine, until } from "./testing/harness";

const database = testDatabase();
const schema = `engine_${randomBytes(4).toString("hex")}`;
const heard: string[] = [];
const { engine, client, handler, calls, runs } = testEngine(database, { schema, pollMs: 200 }, (...words) =>
  heard.push(words.join(" ")),
);

const finished = async (fn: string, count = 1) =>
  until(async () => {
    const all = await runs(fn);
    return all.length >= count && all.every((run) => run.status !== "running") ? all : null;
  });
const only = async (fn: string) => {
  const [run] = await finished(fn);
  if (!run) throw new Error("no run");
  return { ...run, calls: calls[run.id] };
};

beforeAll(async () => {
  await engine.start();
});
afterAll(async () => {
  await engine.stop();
  await database.query(`drop schema ${schema} cascade`);
});

/** Outputs, finished steps and calls as recorded from a real Inngest server (reference/inngest.md, section 4). */
describe("every shape of function behaves as on the real server", () => {
  it("repeats a failing step and keeps the ones before it", async () => {
    await client.send({ name: "t/seq3", data: { tag: "x" } });
    expect(await only("seq3")).toMatchObject({
      status: "completed",
      output: { total: 3, tag: "x" },
      steps: 3,
      calls: 4,
    });
    expect(heard.filter((line) => line === "seq3 one")).toHaveLength(1);
    expect(heard.filter((line) => line.startsWith("seq3 two"))).toHaveLength(3);
  });

  it("runs parallel steps and joins them", async () => {
    await client.send({ name: "t/par", data: {} });
    expect(await only("par")).toMatchObject({ status: "completed", output: 6, steps: 4, calls: 5 });
  });

  it("walks a graph in waves", async () => {
    await client.send({ name: "t/wave", data: { tag: 1 } });
    expect(await only("wave")).toMatchObject({ status: "completed", steps: 3, calls: 4 });
    expect(heard.filter((line) => line.startsWith("wave"))).toEqual(["wave 1 A", "wave 1 C", "wave 1 B"]);
  });

  it("sleeps without holding a call", async () => {
    await client.send({ name: "t/nap", data: {} });
    const run = await only("nap");
    expect(run).toMatchObject({ status: "completed", steps: 3, calls: 2 });
    expect(Number(run.output)).toBeGreaterThanOrEqual(1000);
  });

  it("fails for good after the last attempt and tells onFailure", async () => {
    await client.send({ name: "t/failing", data: { tag: "f" } });
    expect(await only("failing")).toMatchObject({
      status: "failed",
      error: { message: "slow down" },
      calls: 4,
    });
    expect(await only("failing-failure")).toMatchObject({ status: "completed", calls: 1 });
    expect(heard).toContain("onFailure f slow down");
  });

  it("repeats a function that throws outside its steps", async () => {
    await client.send({ name: "t/fnerr", data: {} });
    expect(await only("fnerr")).toMatchObject({ status: "completed", output: "ok", calls: 2 });
  });

  it("sends events from within a step", async () => {
    await client.send({ name: "t/send", data: { trace: "sent" } });
    await until(() => heard.includes("buffered sent"));
  });

  it.each([
    ["waiter", "op code WaitForEvent"],
    ["parent", "op code InvokeFunction"],
    ["race", "race mode"],
  ])("ends at once, and says why, where it uses what this engine does not have (%s)", async (fn, what) => {
    await client.send({ name: `t/${fn}`, data: {} });
    const run = await only(fn);
    expect(run).toMatchObject({ status: "failed", calls: 1 });
    expect(run.error?.message).toContain(what);
  });

  it("keeps values that Postgres cannot hold as they are, with their odd characters replaced", async () => {
    await client.send({ name: "t/odd", data: {} });
    expect(await only("odd")).toMatchObject({
      status: "completed",
      output: "nul \ufffd and half \ufffd a pair",
    });
  });

  it.each(["checkpointed", "buffered", "three"])("makes one call for a short function (%s)", async (fn) => {
    await client.send({ name: `t/${fn}`, data: {} });
    expect(await only(fn)).toMatchObject({ status: "completed", steps: fn === "three" ? 3 : 1, calls: 1 });
  });
});

describe("events", () => {
  it("start a function once, however often one with the same id is sent", async () => {
    const event = { id: "same-id", name: "t/buffered", data: { trace: "twice" } };
    await client.send([event, event]);
    await client.send(event);
    await until(() => heard.includes("buffered twice"));
    await client.send({ name: "t/buffered", data: { trace: "after" } });
    await until(() => heard.includes("buffered after"));
    expect(heard.filter((line) => line === "buffered twice")).toHaveLength(1);
  });

  it("of the future start their function then", async () => {
    const sentAt = Date.now();
    await client.send({ name: "t/buffered", data: { trace: "later" }, ts: sentAt + 600 });
    await until(() => heard.includes("buffered later"));
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(590);
  });

  it("with a wrong key are refused", async () => {
    const response = await engine.fetch("http://embedded.local/e/wrong", { method: "POST", body: "[]" });
    expect(response.status).toBe(401);
  });
});

describe("cron", () => {
  it("fires when due, once however much was missed, and plans the next time", async () => {
    const cron = () =>
      database.query<{ due_at: Date }>(`select due_at from ${schema}.timer where kind = 'cron'`);
    await database.query(
      `update ${schema}.timer set due_at = date_trunc('hour', now()) - interval '3 hours' where kind = 'cron'`,
    );
    const scheduledAt = (await cron())[0]?.due_at.toISOString() ?? "";
    engine.wake();
    await until(() => heard.some((line) => line.startsWith("tick") && line.includes(scheduledAt)));
    const ticks = heard.filter((line) => line.startsWith("tick") && line.includes(scheduledAt));
    expect(ticks.map((line) => JSON.parse(line.slice(5)))).toMatchObject([
      { cron: "TZ=Europe/Paris * * * * *", scheduledAt },
    ]);
    expect((await cron())[0]?.due_at.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe("strangers", () => {
  it.each(["GET", "POST", "PUT"])("cannot call the functions without a signature (%s)", async (method) => {
    const response = await handler(
      new Request("http://embedded.local/api/inngest?fnId=t-par&stepId=step", {
        method,
        headers: { host: "embedded.local" },
        ...(method === "GET" ? {} : { body: "{}" }),
      }),
    );
    expect(response.status).toBe(401);
  });
});

it("leaves nothing behind when all runs are over", async () => {
  await until(
    async () => (await database.query(`select 1 from ${schema}.run where status = 'running'`)).length === 0,
  );
  expect(await database.query(`select * from ${schema}.queue`)).toEqual([]);
  expect(await database.query(`select * from ${schema}.timer where kind <> 'cron'`)).toEqual([]);
});
