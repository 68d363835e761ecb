import { randomBytes } from "node:crypto";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import type { EngineOptions } from "./options";
import { Presence } from "./presence";
import { bearer } from "./protocol";
import { testEngine, until } from "./testing/harness";

const database = testDatabase();
const schemas: string[] = [];
const started: ReturnType<typeof testEngine>[] = [];
const newSchema = () => {
  const schema = `shared_${randomBytes(4).toString("hex")}`;
  schemas.push(schema);
  return schema;
};
const start = async (schema: string, options: Partial<EngineOptions>, trace: (line: string) => void) => {
  const made = testEngine(database, { schema, pollMs: 100, ...options }, (...words) =>
    trace(words.join(" ")),
  );
  started.push(made);
  await made.engine.start();
  return made;
};
const countRunning = async (schema: string) =>
  (
    await database.query<{ n: number }>(
      `select count(*)::int as n from ${schema}.run where status = 'running'`,
    )
  )[0]?.n;

afterEach(async () => {
  for (const { engine } of started.splice(0)) await engine.stop(100);
});
afterAll(async () => {
  for (const schema of schemas) await database.query(`drop schema ${schema} cascade`);
});

describe("a backlog of one key", () => {
  it("of 10,000 rows delays another key by a moment only", async () => {
    const heard: string[] = [];
    const { engine } = await start(newSchema(), { maxInFlight: 8 }, (line) => heard.push(line));
    const big = Array.from({ length: 10_000 }, () => ({
      name: "t/limited",
      data: { tenant: "big", ms: 20 },
    }));
    await engine.send(big);
    await until(() => heard.filter((line) => line === "limited start big").length > 20);
    await engine.send([{ name: "t/limited", data: { tenant: "small", ms: 1 } }]);
    await until(() => heard.includes("limited start small"));
    expect(heard.filter((line) => line.endsWith("big")).length).toBeLessThan(2000);
  }, 120_000);

  it("that is blocked altogether leaves the other places to others", async () => {
    const heard: string[] = [];
    const { engine } = await start(newSchema(), { maxInFlight: 8 }, (line) => heard.push(line));
    await engine.send(
      Array.from({ length: 3000 }, () => ({ name: "t/limited", data: { tenant: "big", ms: 60_000 } })),
    );
    await until(() => heard.length === 2);
    for (const tenant of ["a", "b", "c"]) await engine.send([{ name: "t/limited", data: { tenant, ms: 1 } }]);
    await until(() => ["a", "b", "c"].every((tenant) => heard.includes(`limited end ${tenant}`)));
    expect(heard.filter((line) => line.endsWith("big"))).toHaveLength(2);
  });
});

describe("a backlog of one lane within a key", () => {
  const lane = (tenant: string, name: string, tag: string, priority = 0) => ({
    name: "t/laned",
    data: { tenant, lane: name, tag, priority, ms: 20 },
  });

  it("hides neither the key's other lanes nor other keys, and keeps urgency and order", async () => {
    const heard: string[] = [];
    const { engine } = await start(newSchema(), { maxInFlight: 4 }, (line) => heard.push(line));
    await engine.send(Array.from({ length: 2000 }, (_, i) => lane("A", "narrow", `n${i}`)));
    await until(() => heard.length > 3);
    await engine.send([lane("A", "x", "low"), lane("A", "x", "high", 60), lane("B", "y", "other")]);
    await until(() => ["low", "high", "other"].every((tag) => heard.includes(`laned ${tag}`)));
    expect(heard.indexOf("laned high")).toBeLessThan(heard.indexOf("laned low"));
    expect(heard.length).toBeLessThan(500);
    const narrow = heard.filter((line) => line.startsWith("laned n"));
    expect(narrow).toEqual(narrow.map((_, i) => `laned n${i}`));
  });

  it("of 5,000 runs in lanes of their own leaves other keys their turn", async () => {
    const heard: string[] = [];
    const { engine } = await start(newSchema(), { maxInFlight: 8 }, (line) => heard.push(line));
    await engine.send(Array.from({ length: 5000 }, (_, i) => lane("A", `own${i}`, `n${i}`)));
    await until(() => heard.length > 10);
    await engine.send([lane("B", "y", "other")]);
    const before = heard.length;
    await until(() => heard.includes("laned other"));
    expect(heard.length - before).toBeLessThan(200);
  });
});

describe("two engines on one database", () => {
  it("keep the limits exactly, run every step once, and fire a cron line once", async () => {
    const schema = newSchema();
    const heard: string[] = [];
    const active: Record<string, number> = {};
    const most: Record<string, number> = {};
    const listen = (line: string) => {
      heard.push(line);
      const [, what, tenant] = /^limited (start|end) (\S+)/.exec(line) ?? [];
      if (!what || !tenant) return;
      active[tenant] = (active[tenant] ?? 0) + (what === "start" ? 1 : -1);
      most[tenant] = Math.max(most[tenant] ?? 0, active[tenant]);
    };
    const a = await start(schema, { maxInFlight: 8 }, listen);
    const b = await start(schema, { maxInFlight: 8 }, listen);
    await a.engine.send([
      ...Array.from({ length: 80 }, (_, i) => ({ name: "t/limited", data: { tenant: `T${i % 4}` } })),
      ...Array.from({ length: 20 }, (_, i) => ({ name: "t/slow", data: { id: `x${i}`, ms: 10 } })),
    ]);
    await database.query(`update ${schema}.timer set due_at = now() where kind = 'cron'`);
    await until(async () => (await countRunning(schema)) === 0, 25_000);
    expect(most).toEqual({ T0: 2, T1: 2, T2: 2, T3: 2 });
    const steps = heard.filter((line) => line.startsWith("slow start"));
    expect(steps).toHaveLength(100);
    expect(new Set(steps).size).toBe(100);
    // Each minute that came meanwhile has a tick of its own.
    const ticks = heard.filter((line) => line.startsWith("tick"));
    expect(ticks.length).toBeGreaterThan(0);
    expect(new Set(ticks).size).toBe(ticks.length);
    expect(Math.min(a.engine.stats.calls, b.engine.stats.calls)).toBeGreaterThan(0);
  });
});

describe("two engines with work of every shape", () => {
  it("finish all of it and leave nothing behind", async () => {
    const schema = newSchema();
    const a = await start(schema, {}, () => {});
    const b = await start(schema, {}, () => {});
    const rounds = Array.from({ length: 5 }, (_, id) => id);
    const names = ["seq3", "par", "failing", "fnerr", "race", "wave", "nap", "limited"];
    for (const id of rounds)
      await (id % 2 ? a : b).engine.send(
        names.map((name) => ({ name: `t/${name}`, data: { id, tag: id, tenant: id % 3 } })),
      );
    await until(async () => (await countRunning(schema)) === 0, 25_000);
    const outcome = await database.query(
      `select fn, status, count(*)::int as runs, count(distinct output)::int as outputs, max(cardinality(stack)) as steps
        from ${schema}.run where fn not in ('t-nap', 't-tick') group by 1, 2 order by 1, 2`,
    );
    const ended = (fn: string, steps: number, outputs: number, status = "completed") => ({
      fn: `t-${fn}`,
      status,
      runs: 5,
      outputs,
      steps,
    });
    expect(outcome).toEqual([
      ended("failing", 2, 0, "failed"),
      ended("failing-failure", 1, 0),
      ended("fnerr", 0, 1),
      ended("limited", 1, 0),
      ended("par", 4, 1),
      ended("race", 0, 0, "failed"),
      ended("seq3", 3, 5),
      ended("wave", 3, 0),
    ]);
    expect(await database.query(`select * from ${schema}.queue`)).toEqual([]);
  });

  it("hear of each other's events without polling", async () => {
    const schema = newSchema();
    const sender = await start(schema, { maxInFlight: 0, leaseMs: 3_000 }, () => {});
    const heard: string[] = [];
    const worker = await start(schema, { pollMs: 60_000, leaseMs: 3_000 }, (line) => heard.push(line));
    const stop = await database.listen(["engine"], () => worker.engine.wake());
    // It tells others once it has seen, at one of its beats, that there are any.
    await until(async () => {
      await sender.engine.send([{ name: "t/buffered", data: { trace: "x" } }]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return heard.includes("buffered x");
    });
    await stop();
  });
});

describe("one key's work", () => {
  it("is done in the order of its events, and what is more urgent first", async () => {
    const heard: string[] = [];
    const { engine } = await start(newSchema(), { maxInFlight: 1 }, (line) => heard.push(line));
    await engine.send([
      { name: "t/urgent", data: { tag: "holds the place", priority: 0, ms: 150 } },
      ...[1, 2, 3].map((tag) => ({ name: "t/urgent", data: { tag, priority: 0 } })),
    ]);
    await until(() => heard.length === 1);
    await engine.send([{ name: "t/urgent", data: { tag: "urgent", priority: 60 } }]);
    await until(() => heard.length === 5);
    expect(heard.slice(1)).toEqual(["urgent urgent", "urgent 1", "urgent 2", "urgent 3"]);
  });
});

describe("an engine that is lost", () => {
  const schemaWithRun = async (options: Partial<EngineOptions>, heard: string[]) => {
    const schema = newSchema();
    const a = await start(schema, options, (line) => heard.push(`a ${line}`));
    await a.engine.send([{ name: "t/slow", data: { id: "x", ms: 300 } }]);
    await until(() => heard.includes("a slow start x 1"));
    return schema;
  };
  const stepsOf = async (schema: string) =>
    (
      await database.query<{ steps: number }>(
        `select cardinality(stack) as steps from ${schema}.run where fn = 't-slow'`,
      )
    )[0]?.steps;

  it("on another machine loses its work when its lease is over, and its late answers are refused", async () => {
    const heard: string[] = [];
    const schema = await schemaWithRun({ leaseMs: 60_000 }, heard);
    await database.query(
      `update ${schema}.engine set machine = 'elsewhere', beat_at = now() - interval '1 hour'`,
    );
    await start(schema, { leaseMs: 200 }, (line) => heard.push(`b ${line}`));
    await until(async () => (await countRunning(schema)) === 0);
    // The first engine learns at its next checkpoint that it lost the run, and begins no further step.
    const firstByB = heard.findIndex((line) => line.startsWith("b"));
    expect(heard.slice(firstByB + 1).filter((line) => line.startsWith("a slow start"))).toEqual([]);
    expect(heard).toContain("b slow end x 4");
    expect(
      heard.filter((line) => line.startsWith("a slow start x 0") || line.startsWith("b slow start x 0")),
    ).toHaveLength(1);
    expect(await stepsOf(schema)).toBe(5);
  });

  it("on this machine loses its work at once when its process is gone", async () => {
    const heard: string[] = [];
    const leaseMs = 60_000;
    const schema = await schemaWithRun({ leaseMs }, heard);
    await database.query(`update ${schema}.engine set pid = 4194303, pid_started = '1'`);
    const startedAt = Date.now();
    await start(schema, { leaseMs }, (line) => heard.push(`b ${line}`));
    await until(() => heard.some((line) => line.startsWith("b slow start")));
    expect(Date.now() - startedAt).toBeLessThan(leaseMs / 2);
  });

  it("on this machine keeps its work while its process lives and is heard within its lease", async () => {
    const heard: string[] = [];
    const schema = await schemaWithRun({ leaseMs: 60_000 }, heard);
    await database.query(`update ${schema}.engine set beat_at = now() - interval '5 seconds'`);
    await start(schema, { leaseMs: 60_000 }, (line) => heard.push(`b ${line}`));
    await until(async () => (await countRunning(schema)) === 0);
    expect(heard.filter((line) => line.startsWith("b"))).toEqual([]);
  });

  it("on this machine loses its work after one lease of silence, although its process lives", async () => {
    const schema = newSchema();
    await start(schema, { leaseMs: 600_000 }, () => {});
    const leaseMs = 30_000;
    const isThere = async () =>
      (await database.query(`select 1 from ${schema}.engine where id = 'frozen'`)).length === 1;
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const looker = new Presence(database, schema, leaseMs);
      await looker.register("frozen");
      // Its pid and its start are those of a process that lives, and will say nothing more.
      await database.query(
        `update ${schema}.engine set beat_at = now() - interval '40 seconds' where id = 'frozen'`,
      );
      await looker.releaseLost("looker");
      expect(await isThere(), "whoever has just come does not know who is silent").toBe(true);
      vi.setSystemTime(Date.now() + leaseMs + 1);
      await looker.releaseLost("looker");
      expect(await isThere()).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("again and again with the same run ends that run instead", async () => {
    const heard: string[] = [];
    const schema = newSchema();
    const { engine, runs } = await start(schema, { maxInFlight: 1 }, (line) => heard.push(line));
    await engine.send([
      { name: "t/limited", data: { tenant: "x", ms: 300 } },
      { name: "t/limited", data: { tenant: "y", ms: 1 } },
    ]);
    await until(() => heard.includes("limited start x"));
    await database.query(`update ${schema}.queue set lost = 5 where ready`);
    await until(async () => (await countRunning(schema)) === 0);
    expect((await runs("limited")).map((run) => run.error?.name ?? run.status).sort()).toEqual([
      "EngineLost",
      "completed",
    ]);
  });
});

it("a checkpoint of a call that nobody made is refused as stale", async () => {
  const { engine } = await start(newSchema(), {}, () => {});
  const response = await engine.fetch("http://embedded.local/v1/checkpoint/R/async", {
    method: "POST",
    headers: { authorization: bearer(`signkey-test-${"ab".repeat(32)}`) },
    body: JSON.stringify({ run_id: "R", qi_id: "R|d0", generation_id: 1, steps: [] }),
  });
  expect(response.status).toBe(409);
});

it("what is under way when an engine stops is given back and goes on elsewhere", async () => {
  const schema = newSchema();
  const heard: string[] = [];
  const a = await start(schema, {}, (line) => heard.push(`a ${line}`));
  await a.engine.send([{ name: "t/slow", data: { id: "x", ms: 400 } }]);
  await until(() => heard.includes("a slow start x 1"));
  await a.engine.stop(0);
  const lost = await database.query(`select 1 from ${schema}.queue where lost > 0 or not ready`);
  expect(lost).toEqual([]);
  await start(schema, {}, (line) => heard.push(`b ${line}`));
  await until(() => heard.includes("b slow end x 4"));
  expect(heard.filter((line) => line.endsWith("slow start x 0"))).toHaveLength(1);
});

it("a call that is given back while its engine stops is the same attempt elsewhere, at once", async () => {
  const schema = newSchema();
  const { handler } = testEngine(database, { schema });
  const calls: string[] = [];
  let giveBack = () => {};
  const given = new Promise<void>((resolve) => {
    giveBack = resolve;
  });
  const a = await start(
    schema,
    {
      handler: async (request) => {
        const run = request.headers.get("x-run-id");
        if (!run) return handler(request);
        calls.push(run);
        await given;
        return Response.json({ name: "Error", message: "This process is being stopped." }, { status: 500 });
      },
    },
    () => {},
  );
  await a.engine.send([{ name: "t/buffered", data: {} }]);
  await until(() => calls.length === 1);
  const inHand = () => database.query(`select 1 from ${schema}.queue where owner is not null`);
  expect(await inHand()).toHaveLength(1);
  const stopped = a.engine.stop(600_000);
  giveBack();
  await stopped;
  expect(await inHand()).toHaveLength(0);
  expect(await database.query(`select attempt, ready, owner, lost from ${schema}.queue`)).toEqual([
    { attempt: 0, ready: true, owner: null, lost: 0 },
  ]);
  await start(schema, {}, () => {});
  await until(async () => (await countRunning(schema)) === 0);
});

it("retention forgets what is over, in bounded batches, and nothing else", async () => {
  const schema = newSchema();
  const { engine } = await start(
    schema,
    { sweepMs: 50, retention: { runsMs: 0, eventsMs: 0, batch: 7 } },
    () => {},
  );
  await engine.send([
    ...Array.from({ length: 40 }, () => ({ name: "t/checkpointed", data: {} })),
    { name: "t/nap", data: { for: "1h" } },
  ]);
  const rows = async (table: string) =>
    (await database.query<{ n: number }>(`select count(*)::int as n from ${schema}.${table}`))[0]?.n;
  await until(async () => (await rows("run")) === 1);
  await until(async () => (await rows("step")) === 2 && (await rows("event")) === 0);
  await database.query(`update ${schema}.timer set due_at = now() where kind = 'sleep'`);
  engine.wake();
  await until(async () => (await rows("run")) === 0 && (await rows("step")) === 0);
});

it("functions that an engine does not serve wait for one that does", async () => {
  const schema = newSchema();
  const { engine } = await start(schema, {}, () => {});
  await engine.send([{ name: "t/buffered", data: {} }]);
  await until(async () => (await countRunning(schema)) === 0);
  await engine.stop();
  await database.query(
    `insert into ${schema}.run (id, fn, events, grp, lane, keys, limits, shared, rank) values ('r', 'gone', '[{"name":"x"}]', 'gone', 'gone', '{}', '{}', 0, 1)`,
  );
  await database.query(
    `insert into ${schema}.queue (id, run_id, fn, step, grp, lane, keys, limits, shared, rank, ready, run_at) values ('r|d0', 'r', 'gone', 'step', 'gone', 'gone', '{}', '{}', 0, 1, true, now())`,
  );
  const next = await start(schema, {}, () => {});
  await next.engine.send([{ name: "t/buffered", data: {} }]);
  await until(
    async () => (await next.runs("buffered")).filter((run) => run.status === "completed").length === 2,
  );
  expect(await database.query(`select ready, attempt from ${schema}.queue`)).toEqual([
    { ready: true, attempt: 0 },
  ]);
});
