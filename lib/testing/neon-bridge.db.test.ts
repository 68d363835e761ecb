import { neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { connect, type Database } from "@/db/client";
import { type NeonBridge, startNeonBridge } from "./neon-bridge";

const url = inject("databaseUrl");
let bridge: NeonBridge;
let viaNeon: Database;
let viaPg: Database;

beforeAll(async () => {
  bridge = await startNeonBridge(url);
  viaNeon = connect(url, { max: 2, neonProxy: bridge.wsProxy });
  viaPg = connect(url, { max: 2 });
  neonConfig.fetchEndpoint = () => bridge.fetchEndpoint;
});

afterAll(async () => {
  await Promise.all([viaNeon?.close(), viaPg?.close()]);
  await bridge?.close();
});

/** One of every type that our schema and our statements use. */
const everyType = `select 1::int2 as small, 2::int4 as int, 9007199254740993::int8 as big, 1.5::float8 as float, 1.50::numeric as numeric,
  true as bool, 'a'::text as text, null::text as none, '\\x00ff80'::bytea as bytes, '{"a":[1,null]}'::jsonb as jsonb, '[1]'::json as json,
  '0192d3a0-0000-7000-8000-000000000000'::uuid as uuid, '2026-01-02 03:04:05.678901+02'::timestamptz as at, '2026-01-02'::date as day,
  '{a,"b c",NULL}'::text[] as texts, '{0192d3a0-0000-7000-8000-000000000000}'::uuid[] as uuids, '{1,2}'::int4[] as ints,
  '{"{\\"a\\":1}"}'::jsonb[] as jsonbs, '1 day 2 hours'::interval as interval`;

const values = [
  "words",
  7,
  true,
  null,
  Uint8Array.from([0, 255, 128]),
  Buffer.from("bytes"),
  new Date(0),
  ["a", 'b "c" \\', null],
  JSON.stringify({ a: 1 }),
];
const echo = `select $1::text as a, $2::int as b, $3::boolean as c, $4::text as d, $5::bytea as e, $6::bytea as f, $7::timestamptz as g,
  $8::text[] as h, $9::jsonb as i`;

describe("Neon's driver over WebSocket", () => {
  test("reads every type as pg does", async () => {
    expect(await viaNeon.query(everyType)).toEqual(await viaPg.query(everyType));
    expect(bridge.used.connections).toBeGreaterThan(0);
  });

  test("sends every type as pg does, prepared or not", async () => {
    const expected = await viaPg.query(echo, values);
    expect(await viaNeon.query(echo, values)).toEqual(expected);
    for (const _ of [1, 2]) expect(await viaNeon.query(echo, values, "echo")).toEqual(expected);
  });

  test("carries megabytes both ways unharmed", async () => {
    const body = Buffer.alloc(
      8_000_000,
      Uint8Array.from({ length: 256 }, (_, i) => i),
    );
    const [row] = await viaNeon.query<{ body: Uint8Array; sum: string }>(
      "select $1::bytea as body, md5($1::bytea) as sum",
      [body],
    );
    expect(Buffer.compare(row?.body ?? new Uint8Array(), body)).toBe(0);
    const [same] = await viaPg.query<{ sum: string }>("select md5($1::bytea) as sum", [body]);
    expect(row?.sum).toBe(same?.sum);
  });

  test("tells the same of an error as pg", async () => {
    const facts = (database: Database) =>
      database.query("insert into projects (name) values (null)").catch((error: object) => ({
        isError: error instanceof Error,
        ...Object.fromEntries(
          ["message", "code", "table", "column", "severity", "detail"].map((name) => [
            name,
            Reflect.get(error, name),
          ]),
        ),
      }));
    const told = await facts(viaNeon);
    expect(told).toMatchObject({ isError: true, code: "23502", table: "projects", column: "name" });
    // The row that failed is named with its random ids.
    expect({ ...told, detail: "" }).toEqual({ ...(await facts(viaPg)), detail: "" });
  });

  test("holds locks in a transaction, and others skip them", async () => {
    await viaPg.query("create table neon_locks (id int primary key)");
    await viaPg.query("insert into neon_locks values (1), (2)");
    const claim = "select id from neon_locks order by id for update skip locked limit 1";
    await viaNeon.transaction(async (one) => {
      expect(await one.query(claim)).toEqual([{ id: 1 }]);
      await viaNeon.transaction(async (other) => expect(await other.query(claim)).toEqual([{ id: 2 }]));
    });
    await viaPg.query("drop table neon_locks");
  });

  test("hears notices, and again after its connection was cut", async () => {
    const heard: string[] = [];
    const onReady = vi.fn();
    const stop = await viaNeon.listen(
      ["neon_test"],
      (channel, payload) => heard.push(`${channel} ${payload}`),
      onReady,
    );
    await viaPg.query("select pg_notify('neon_test', 'one')");
    await vi.waitFor(() => expect(heard).toEqual(["neon_test one"]), { timeout: 10_000 });
    await viaPg.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waybill-listen' and query = 'listen neon_test'",
    );
    await vi.waitFor(() => expect(onReady).toHaveBeenCalledTimes(2), { timeout: 10_000 });
    await viaPg.query("select pg_notify('neon_test', 'two')");
    await vi.waitFor(() => expect(heard).toEqual(["neon_test one", "neon_test two"]), {
      timeout: 10_000,
    });
    await stop();
  });

  test("the pool lives on when its connections are cut", async () => {
    const me = "select pg_backend_pid() as pid";
    const [before] = await viaNeon.query<{ pid: number }>(me);
    await viaPg.query("select pg_terminate_backend($1)", [before?.pid]);
    const after = await vi.waitFor(async () => (await viaNeon.query<{ pid: number }>(me))[0], {
      timeout: 10_000,
    });
    expect(after?.pid).not.toBe(before?.pid);
  });
});

describe("Neon's SQL over HTTP", () => {
  const sql = neon(url);

  test("reads and sends every type as pg does", async () => {
    expect(await sql.query(everyType)).toEqual(await viaPg.query(everyType));
    expect(await sql.query(echo, values)).toEqual(await viaPg.query(echo, values));
    expect(await sql.query("select 1 as a, 2 as a", [], { arrayMode: true })).toEqual([[1, 2]]);
  });

  test("gives command, count and columns when asked", async () => {
    const result = await sql.query("select 7 as n", [], { fullResults: true });
    expect(result).toMatchObject({
      command: "SELECT",
      rowCount: 1,
      rows: [{ n: 7 }],
      fields: [{ name: "n", dataTypeID: 23 }],
    });
  });

  test("runs a batch in one transaction, of the kind asked for", async () => {
    const mode = sql`select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as read`;
    const results = await sql.transaction([mode, sql`select 2 as n`], {
      isolationLevel: "Serializable",
      readOnly: true,
    });
    expect(results).toEqual([[{ level: "serializable", read: "on" }], [{ n: 2 }]]);
    const inserted = sql`insert into mails ("to", subject, text) values ('neon-batch@example.org', 's', 't')`;
    await expect(sql.transaction([inserted, sql`select 1/0`])).rejects.toMatchObject({ code: "22012" });
    expect(await sql`select 1 from mails where "to" = 'neon-batch@example.org'`).toEqual([]);
  });

  test("tells PostgreSQL's code and message of an error", async () => {
    await expect(sql.query("select $1::uuid", ["no"])).rejects.toMatchObject({
      name: "NeonDbError",
      code: "22P02",
      severity: "ERROR",
      message: 'invalid input syntax for type uuid: "no"',
    });
  });

  test("refuses another password", async () => {
    const other = new URL(url);
    other.password = "wrong";
    await expect(neon(other.href).query("select 1")).rejects.toThrow("401");
  });
});
