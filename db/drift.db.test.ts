import fs from "node:fs";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { catalogOf, difference } from "@/lib/testing/catalog";
import { migrateDatabase } from "@/lib/testing/migrated";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { connect, type Database } from "./client";
import * as schema from "./schema";

type Snapshot = Parameters<typeof generateMigration>[0];
const folder = "db/migrations";
const open: { made: OwnDatabase; database: Database }[] = [];

async function newDatabase(): Promise<{ url: string; database: Database }> {
  const made = await ownDatabase();
  const database = connect(made.url, { max: 1 });
  open.push({ made, database });
  return { url: made.url, database };
}

/** What the schema declares, as drizzle-kit would create it in an empty database. */
const declared = async (from: Record<string, unknown> = schema): Promise<Snapshot> =>
  generateDrizzleJson(from);
const emptySnapshot = () => generateDrizzleJson({});

/** The statements of the migrations that make what Drizzle does not declare. */
const statementsOf = (folder: string, kind: RegExp): string[] =>
  fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".sql") && file !== "0000_prelude.sql")
    .sort()
    .flatMap((file) => fs.readFileSync(`${folder}/${file}`, "utf8").split("--> statement-breakpoint"))
    .filter((statement) => kind.test(statement));
const functionsOf = (folder: string) =>
  statementsOf(folder, /^\s*CREATE (OR REPLACE )?FUNCTION|ALTER FUNCTION/m);

let migrated: Database;
let built: Database;

beforeAll(async () => {
  const first = await newDatabase();
  migrated = first.database;
  await migrateDatabase(first.url);

  built = (await newDatabase()).database;
  // Functions are not declared in Drizzle: the migrations make them.
  await built.query(fs.readFileSync(`${folder}/0000_prelude.sql`, "utf8"));
  for (const statement of functionsOf(folder)) await built.query(statement);
  for (const statement of await generateMigration(emptySnapshot(), await declared()))
    await built.query(statement);
  // Nor are views and triggers, which want the tables first.
  for (const statement of statementsOf(folder, /^(CREATE|ALTER) VIEW/m)) await built.query(statement);
  for (const statement of statementsOf(folder, /^CREATE TRIGGER/m)) await built.query(statement);
  for (const statement of statementsOf(`${folder}/online`, /CREATE OR REPLACE TRIGGER/))
    await built.query(statement);
});
afterAll(async () => {
  for (const { made, database } of open) {
    await database.close();
    await made.drop();
  }
});

it("the newest snapshot is what the schema declares: `npm run db:generate` finds nothing", async () => {
  const newest = fs
    .readdirSync(`${folder}/meta`)
    .filter((file) => file.endsWith("_snapshot.json"))
    .sort()
    .at(-1);
  const snapshot: Snapshot = JSON.parse(fs.readFileSync(`${folder}/meta/${newest}`, "utf8"));
  expect(await generateMigration(snapshot, await declared())).toEqual([]);
});

it("migrations make what the schema declares", async () => {
  const columns = (await catalogOf(built, "public")).filter((line) => line.startsWith("column ")).length;
  expect(columns).toBeGreaterThan(100);
  expect(difference(await catalogOf(migrated, "public"), await catalogOf(built, "public"))).toEqual({
    onlyFirst: [],
    onlySecond: [],
  });
});

it("every foreign key has an index: whoever deletes what it points at reads no table for it", async () => {
  const without = await migrated.query(
    `select c.conname from pg_constraint c where c.contype = 'f' and not exists (
       select 1 from pg_index i where i.indrelid = c.conrelid and i.indpred is null
         and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)`,
  );
  expect(without).toEqual([]);
});

it.each([
  ["a column", "alter table runs add column forgotten int"],
  ["a default", "alter table runs alter column state set default 'failed'"],
  ["an index", "create index forgotten on runs (created_at)"],
  ["a check", "alter table runs drop constraint runs_state_word"],
  ["a foreign key", "alter table steps add constraint forgotten foreign key (run_id) references runs (id)"],
  ["a nullability", "alter table runs alter column state drop not null"],
])("drift is seen: %s in one of them only", async (_, statement) => {
  const undo = new Error("undo");
  let seen: ReturnType<typeof difference> | undefined;
  const attempt = migrated.transaction(async (sql) => {
    await sql.query(statement);
    seen = difference(await catalogOf(sql, "public"), await catalogOf(built, "public"));
    throw undo;
  });
  await expect(attempt).rejects.toBe(undo);
  expect([...(seen?.onlyFirst ?? []), ...(seen?.onlySecond ?? [])].length).toBeGreaterThan(0);
});
