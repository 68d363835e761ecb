import { randomBytes } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { engineHealth } from "@/inngest/health";
import { testDatabase } from "@/lib/testing/database";
import { migration, migrations } from "./migrations";
import { newestMigration } from "./migrations/newest";
import type { EngineOptions } from "./options";
import { OutdatedError } from "./outdated";
import { applySchema } from "./schema";
import { testEngine, until } from "./testing/harness";

const database = testDatabase();
const schemas: string[] = [];
const started: ReturnType<typeof testEngine>[] = [];
const newSchema = () => {
  const schema = `migrated_${randomBytes(4).toString("hex")}`;
  schemas.push(schema);
  return schema;
};
const engineOf = (
  schema: string,
  options: Partial<EngineOptions>,
  trace: (line: string) => void = () => {},
) => {
  const made = testEngine(database, { schema, leaseMs: 900, pollMs: 100, ...options }, (...words) =>
    trace(words.join(" ")),
  );
  started.push(made);
  return made.engine;
};
const history = (schema: string) =>
  database.query<{ number: number; applied_at: Date | null }>(
    `select number, applied_at from ${schema}.migration order by number`,
  );

const plain = migration("0900_plain", "create table @extschema@.later (n int);");
const breaking = migration("0901_breaking", "-- breaking: a test\nselect 1;");
const sentence = `This release is too old for the database: its engine knows the schema up to migration ${newestMigration}, and 0901_breaking is breaking. Deploy the same release everywhere.`;

afterEach(async () => {
  for (const { engine } of started.splice(0)) await engine.stop(100);
});
afterAll(async () => {
  for (const schema of schemas) await database.query(`drop schema if exists ${schema} cascade`);
});

describe("the engine's schema", () => {
  it("is made once, however many come at the same time, and each migration is noted", async () => {
    // The first time over new connections, then over such as know that a schema of that name was not there.
    for (const _ of [1, 2, 3]) {
      const schema = newSchema();
      await Promise.all(Array.from({ length: 4 }, () => applySchema(database, schema)));
      const rows = await history(schema);
      expect(rows.map((row) => row.number)).toEqual(migrations.map((one) => one.number));
      await applySchema(database, schema);
      expect(await history(schema)).toEqual(rows);
    }
  });

  it("refuses an applied file that was changed", async () => {
    const schema = newSchema();
    await applySchema(database, schema);
    const known = migrations.map((one) => (one.number === 2 ? migration(one.name, `${one.sql}\n`) : one));
    await expect(applySchema(database, schema, { known })).rejects.toThrow(
      "Migration 0002_functions of the engine's schema is not the file that was applied",
    );
  });

  it("cannot be rebuilt by releases that know no migrations and take it for older than theirs", async () => {
    const schema = newSchema();
    await applySchema(database, schema);
    await expect(database.query(`drop function if exists ${schema}.claim`)).rejects.toThrow("is not unique");
  });

  it("lets a release go on that does not know a migration which breaks nothing", async () => {
    const schema = newSchema();
    await applySchema(database, schema, { known: [...migrations, plain] });
    await applySchema(database, schema);
    expect((await history(schema)).at(-1)?.number).toBe(900);
  });

  it("refuses to start under a breaking migration that the release does not know", async () => {
    const schema = newSchema();
    await applySchema(database, schema, { known: [...migrations, breaking] });
    await expect(engineOf(schema, {}).start()).rejects.toThrow(
      new OutdatedError("0901_breaking", newestMigration),
    );
    expect(new OutdatedError("0901_breaking", newestMigration).message).toBe(sentence);
    expect(await engineHealth(database, { schema })).toMatchObject({ isUp: false, problem: sentence });
  });

  it("does not heed an announcement whose engine never came back", async () => {
    const schema = newSchema();
    await applySchema(database, schema);
    await database.query(
      `insert into ${schema}.migration (number, name, sha256, is_breaking, announced_at) values (901, 'x', '', true, now() - interval '2 minutes')`,
    );
    await engineOf(schema, {}).start();
  });
});

describe("a breaking migration", () => {
  it("waits until older engines have ended what they hold and left; nothing is lost or repeated", async () => {
    const schema = newSchema();
    const heard = { old: [] as string[], new: [] as string[] };
    const said: string[] = [];
    const old = engineOf(schema, { maxInFlight: 4, onOutdated: (words) => said.push(words) }, (line) =>
      heard.old.push(line),
    );
    await old.start();
    await old.send(Array.from({ length: 12 }, (_, id) => ({ name: "t/slow", data: { id, ms: 150 } })));
    await until(() => heard.old.length > 0);

    const next = engineOf(schema, { maxInFlight: 4, migrations: [...migrations, breaking] }, (line) =>
      heard.new.push(line),
    );
    const starting = next.start();
    await until(() => said.length > 0);
    await until(async () => (await engineHealth(database, { schema })).outdated === 1);
    expect(await engineHealth(database, { schema })).toMatchObject({ isUp: false, engines: 1, outdated: 1 });
    const heldAtMost = heard.old.filter(
      (line) => line.startsWith("slow start") && line.endsWith(" 0"),
    ).length;
    await starting;
    const applied = (await history(schema)).at(-1)?.applied_at;
    expect(said).toEqual([sentence]);
    expect(heard.old.filter((line) => line.endsWith(" 0") && line.startsWith("slow start"))).toHaveLength(
      heldAtMost,
    );

    const runs = () =>
      database.query<{ id: number; status: string; ended_at: Date }>(
        `select (events->0->'data'->>'id')::int as id, status, ended_at from ${schema}.run order by 1`,
      );
    await until(async () => (await runs()).every((run) => run.status === "completed"));
    const all = Array.from({ length: 12 }, (_, id) =>
      Array.from({ length: 5 }, (_, i) => `slow end ${id} ${i}`),
    );
    const ends = [...heard.old, ...heard.new].filter((line) => line.startsWith("slow end"));
    expect(ends.sort()).toEqual(all.flat().sort());
    const byOld = heard.old
      .filter((line) => /^slow end \d+ 4$/.test(line))
      .map((line) => Number(line.split(" ")[2]));
    expect(byOld.length).toBeGreaterThan(0);
    for (const run of (await runs()).filter((one) => byOld.includes(one.id)))
      expect(run.ended_at.getTime()).toBeLessThanOrEqual(applied?.getTime() ?? 0);
  });

  it("is not applied while an engine that cannot know it goes on, and says what to do", async () => {
    const schema = newSchema();
    await applySchema(database, schema);
    await database.query(
      `insert into ${schema}.engine (id, machine, pid, pid_started) values ('old', 'm', 1, '')`,
    );
    const known = [...migrations, breaking];
    await expect(applySchema(database, schema, { known, patienceMs: 300 })).rejects.toThrow(
      "must wait until no engine of an older release runs on this database (now 1): stop them, then start this one again.",
    );
    expect((await history(schema)).at(-1)).toEqual({ number: 901, applied_at: null });
    await database.query(`delete from ${schema}.engine`);
    await applySchema(database, schema, { known });
    expect((await history(schema)).at(-1)?.applied_at).not.toBeNull();
  });
});
