import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { daysOfOne, keepPartitions } from "./keep";
import { partitionsOf } from "./parts";

const dayMs = 86_400_000;
let database: Database;
let clinic: Clinic;
beforeAll(async () => {
  database = await ownTestDatabase();
  clinic = await createClinic();
  await clinic.receive({ form: "visit" });
});

/** As it is when there is one partition, of all until tomorrow. */
beforeEach(async () => {
  await database.query("delete from steps");
  for (const { name } of await partitionsOf(database, "log_lines"))
    await database.query(`drop table ${name}`);
  await database.query(
    `create table log_lines_first partition of log_lines for values from (minvalue) to ('${firstIdAt(at(1))}')`,
  );
});

/** The beginning of the day (UTC) so many days from now. */
const at = (days: number) => new Date((Math.floor(Date.now() / dayMs) + days) * dayMs);
const names = async () => (await partitionsOf(database, "log_lines")).map(({ name }) => name);
const named = (days: number) => `log_lines_${at(days).toISOString().slice(0, 10).replaceAll("-", "")}`;

/** A step of then, with a line of its log. */
async function step(days: number, id = firstIdAt(new Date(at(days).getTime() + 1)).replace(/0$/, "7")) {
  await database.query(
    `insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, log_lines)
     select $1, project_id, id, workflow_id, $2, 'Job', 'a@1', (select count(*) from steps), 1 from runs limit 1`,
    [id, randomUUID()],
  );
  await line(id);
  return id;
}
const line = (id: string, seq = 0) =>
  postgresStorage(database).appendLog(id, [
    { seq, at: Date.now(), level: "info", source: "JOB", message: "done" },
  ]);
const linesOf = async (id: string) =>
  (await database.query("select seq from log_lines where step_id = $1 order by seq", [id])).length;

describe("partitions", () => {
  test("are there for the next days, each behind the one before, whoever makes them and however often", async () => {
    await Promise.all(Array.from({ length: 4 }, () => keepPartitions(database)));
    await keepPartitions(database);
    const all = await partitionsOf(database, "log_lines");
    expect(all.length).toBeGreaterThan(1);
    expect(all.slice(1).map(({ from }) => from)).toEqual(all.slice(0, -1).map(({ to }) => to));
    expect((all.at(-1)?.to ?? "") > firstIdAt(at(4))).toBe(true);
    expect(await keepPartitions(database)).toEqual({ made: [], dropped: [] });
  });

  test("are made although days are missing, and where some of their ids are taken", async () => {
    await database.query("drop table log_lines_first");
    // No engine was there to make any, and somebody's clock is ahead.
    const ids = [await step(0), await step(3), await step(9_999), await step(0, randomUUID())];
    await keepPartitions(database);
    await keepPartitions(database, at(30));
    const all = await partitionsOf(database, "log_lines");
    expect(all.length).toBeGreaterThan(0);
    expect(all.every(({ from }) => from > firstIdAt(at(3)))).toBe(true);
    for (const id of ids) expect(await linesOf(id)).toBe(1);
  });

  test.each([
    ["small", { bytes: 1e6, days: 400 }, 28],
    ["small and old", { bytes: 1e8, days: 3_650 }, 37],
    ["an eighth of a gigabyte a week", { bytes: 7 * 2 ** 27, days: 49 }, 7],
    ["keeping a million lines of each day", { bytes: 90 * 2 ** 27, days: 90 }, 1],
    ["large", { bytes: 1e12, days: 20 }, 1],
    ["large and kept for ever", { bytes: 1e12, days: 365 }, 4],
    ["new", { bytes: 0, days: 0 }, 28],
  ])("of an installation that is %s are of so many days", (_, kept, days) => {
    expect(daysOfOne(kept)).toBe(days);
  });

  test("of the past are dropped once nothing in them is needed", async () => {
    await database.query("drop table log_lines_first");
    for (const day of [-9, -8, -7])
      await database.query(
        `create table ${named(day)} partition of log_lines for values from ('${firstIdAt(at(day))}') to ('${firstIdAt(at(day + 1))}')`,
      );
    const kept = await step(-8);
    const gone = await step(-7);
    expect((await keepPartitions(database)).dropped).toEqual([named(-9)]);
    await database.query("delete from steps where id = $1", [gone]);
    expect((await keepPartitions(database)).dropped).toEqual([named(-7)]);
    expect(await names()).toContain(named(-8));
    expect(await linesOf(kept)).toBe(1);
    // What comes late has a place.
    expect(await linesOf(await step(-7))).toBe(1);
  });

  test("wait for nobody, and nobody waits for them", async () => {
    await database.query("drop table log_lines_first");
    await database.query(
      `create table ${named(-9)} partition of log_lines for values from ('${firstIdAt(at(-9))}') to ('${firstIdAt(at(-8))}')`,
    );
    const id = await step(0);
    await database.transaction(async (sql) => {
      await sql.query("select count(*) from log_lines");
      const one = keepPartitions(database);
      for (let seq = 1; seq < 20; seq++) await line(id, seq);
      expect(await one).toEqual({ made: [], dropped: [] });
    });
    expect(await linesOf(id)).toBe(20);
    const { made, dropped } = await keepPartitions(database);
    expect([made.length > 0, dropped]).toEqual([true, [named(-9)]]);
  });
});

describe("lines of a step that goes", () => {
  const gone = (sql: Sql, id: string) => sql.query("delete from steps where id = $1", [id]);

  test("go with it, whichever partition they are in", async () => {
    await keepPartitions(database);
    const ids = [
      await step(-100),
      await step(0),
      await step(2),
      await step(9_999),
      await step(0, randomUUID()),
    ];
    await database.query("delete from steps where id = any($1::uuid[])", [ids]);
    expect(await database.query("select 1 from log_lines")).toEqual([]);
  });

  test("are not written any more", async () => {
    const id = await step(0);
    await database
      .transaction(async (sql) => {
        await gone(sql, id);
        const late = line(id, 1);
        await sql.query("select pg_sleep(0.05)");
        return { late };
      })
      .then(({ late }) => late);
    expect(await linesOf(id)).toBe(0);
  });

  test("that were written in the same moment go, too", async () => {
    const id = await step(0);
    await database
      .transaction(async (sql) => {
        await postgresStorage({ ...database, query: sql.query }).appendLog(id, [
          { seq: 1, at: 0, level: "info", source: "JOB", message: "late" },
        ]);
        const going = gone(database, id);
        await sql.query("select pg_sleep(0.05)");
        return { going };
      })
      .then(({ going }) => going);
    expect(await linesOf(id)).toBe(0);
  });
});
