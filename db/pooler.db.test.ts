import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { testEngine, until } from "@/inngest/embedded/testing/harness";
import { dispatchOutbox, type OutboxEvent } from "@/inngest/outbox";
import { ownDatabase } from "@/lib/testing/own-database";
import { type Pooler, startPooler } from "@/lib/testing/pooler";
import { connect, type Database, openClient } from "./client";
import { directOf, isPooled, requireDirect, requireSame } from "./pooler";

const url = inject("databaseUrl");
let pooler: Pooler;
let pooled: Database;
let direct: Database;

beforeAll(async () => {
  pooler = await startPooler(url);
  pooled = connect(pooler.url, { max: 6, directUrl: url });
  direct = connect(url, { max: 2 });
});

afterAll(async () => {
  await Promise.all([pooled?.close(), direct?.close()]);
  await pooler?.close();
});

const poolerSentence =
  /^DATABASE_URL leads to a connection pooler in transaction mode.*set DATABASE_DIRECT_URL/;

describe("a pooler in transaction mode", () => {
  test.each([1, 2, 3, 5])("is known as one that has %i processes of the server", async (size) => {
    const one = await startPooler(url, { size });
    expect(await isPooled(one.url)).toBe(true);
    await one.close();
  });

  test("is refused where there is no way past it, in a sentence that says what to set", async () => {
    expect(await isPooled(url)).toBe(false);
    await expect(requireDirect(pooler.url, undefined)).rejects.toThrow(poolerSentence);
    await expect(requireDirect(pooler.url, pooler.url)).rejects.toThrow(/^DATABASE_DIRECT_URL leads to/);
    await requireDirect(pooler.url, url);
    await requireDirect(url, undefined);
    expect(directOf("postgres://a:b@ep-x-pooler.eu.aws.neon.tech/db", undefined)).toBe(
      "postgres://a:b@ep-x.eu.aws.neon.tech/db",
    );
  });

  test("and the way past it lead to one database", async () => {
    const other = await ownDatabase();
    const [here, there] = [await openClient(url), await openClient(other.url)];
    for (const client of [here, there]) await client.query("select pg_advisory_lock(4711)");
    await requireSame(here, pooler.url);
    await expect(requireSame(there, pooler.url)).rejects.toThrow("another database than DATABASE_URL");
    await Promise.all([here.end(), there.end()]);
    await other.drop();
  });
});

describe("through a pooler in transaction mode", () => {
  test("statements with names are carried out by whichever process comes", async () => {
    const ask = (n: number) => pooled.query<{ n: number }>("select $1::int as n", [n], "the same name");
    const asked = Array.from({ length: 40 }, (_, n) => n);
    expect((await Promise.all(asked.map(ask))).map(([row]) => row?.n)).toEqual(asked);
    for (const n of asked) expect(await ask(n)).toEqual([{ n }]);
  });

  test("nothing of one session is left to the next", async () => {
    await Promise.all(Array.from({ length: 12 }, () => pooled.query("select 1")));
    const settings = await Promise.all(
      Array.from({ length: 12 }, () =>
        pooled.query<{ limit: string; scans: string }>(
          `select current_setting('statement_timeout') as "limit", current_setting('enable_seqscan') as scans`,
        ),
      ),
    );
    expect(settings.flat()).toEqual(Array.from({ length: 12 }, () => ({ limit: "0", scans: "on" })));
  });

  test("transactions are whole, and their locks hold until they end", async () => {
    await pooled.transaction(async (one) => {
      await one.query("select pg_advisory_xact_lock(4712)");
      const [pid] = await one.query("select pg_backend_pid() as pid");
      await pooled.transaction(async (other) => {
        expect(await other.query("select pg_try_advisory_xact_lock(4712) as got")).toEqual([{ got: false }]);
      });
      expect(await one.query("select pg_backend_pid() as pid")).toEqual([pid]);
    });
    expect(await direct.query("select pg_try_advisory_xact_lock(4712) as got")).toEqual([{ got: true }]);
  });

  test("notices are heard, past it", async () => {
    const heard: string[] = [];
    const stop = await pooled.listen(["pooler_test"], (_, payload) => heard.push(payload));
    await pooled.query("select pg_notify('pooler_test', 'hello')");
    await vi.waitFor(() => expect(heard).toEqual(["hello"]), { timeout: 20_000 });
    await stop();
  });

  test("the engine takes, claims and ends what is sent, and reports nothing", async () => {
    const schema = `pooled_${randomBytes(4).toString("hex")}`;
    const heard: string[] = [];
    const errors: unknown[] = [];
    const options = { schema, pollMs: 200, onError: (error: unknown) => errors.push(error) };
    const engines = [1, 2].map(() => testEngine(pooled, options, (...words) => heard.push(words.join(" "))));
    for (const { engine } of engines) await engine.start();
    const [first] = engines;
    await first?.engine.send(
      Array.from({ length: 30 }, (_, i) => ({ name: "t/buffered", data: { trace: `m${i}` } })),
    );
    await until(
      async () => (await first?.runs("buffered"))?.filter((run) => run.status === "completed").length === 30,
      60_000,
    );
    for (const { engine } of engines) await engine.stop();
    expect(errors).toEqual([]);
    expect(new Set(heard).size).toBe(30);
    await direct.query(`drop schema ${schema} cascade`);
  });

  test("the outbox is emptied", async () => {
    const sent: OutboxEvent[] = [];
    const done = new Error("taken back");
    const send = async (events: OutboxEvent[]) => {
      sent.push(...events);
      throw done;
    };
    await direct.query("insert into outbox (event, data) values ('deletion/requested', '{}')");
    await expect(dispatchOutbox({ database: pooled, send })).rejects.toBe(done);
    expect(sent.length).toBeGreaterThan(0);
  });
});
