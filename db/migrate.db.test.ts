import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { bringUpToDate } from "./migrate";

let own: OwnDatabase;
let dir: string;

beforeEach(async () => {
  own = await ownDatabase();
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-migrations-"));
});
afterEach(async () => {
  await own.drop();
  fs.rmSync(dir, { recursive: true });
});

/** A release as its folder of migrations. */
function release(...files: string[]): string {
  const folder = fs.mkdtempSync(path.join(dir, "release-"));
  fs.mkdirSync(path.join(folder, "meta"));
  const entries = files.map((text, i) => {
    fs.writeFileSync(path.join(folder, `${i}.sql`), text);
    return { idx: i, version: "7", when: 1000 + i, tag: String(i), breakpoints: true };
  });
  fs.writeFileSync(path.join(folder, "meta/_journal.json"), JSON.stringify({ entries }));
  return folder;
}

async function bring(folder: string): Promise<number> {
  const client = new pg.Client({ connectionString: own.url });
  await client.connect();
  try {
    await bringUpToDate(client, folder);
    const { rows } = await client.query<{ n: number }>(
      "select count(*)::int as n from drizzle.__drizzle_migrations",
    );
    return rows[0]?.n ?? 0;
  } finally {
    await client.end();
  }
}

const first = "create table a (n int);";
const second = "create table b (n int);";

it("an older release leaves the database of a newer one as it is", async () => {
  expect(await bring(release(first, second))).toBe(2);
  expect(await bring(release(first))).toBe(2);
});

it("an older release refuses a database that a newer one has broken for it; those that know of it go on", async () => {
  const breaking = `-- breaking: a is another table now\n${second}`;
  await bring(release(first));
  await bring(release(first, breaking));
  await expect(bring(release(first))).rejects.toThrow("This release is too old for the database");
  expect(await bring(release(first, breaking))).toBe(2);
  expect(await bring(release(first, breaking, "create table c (n int);"))).toBe(3);
});

const online = (folder: string, files: Record<string, string>): string => {
  fs.mkdirSync(path.join(folder, "online"));
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, "online", name), text);
  return folder;
};
const building =
  "create table if not exists ran (file text);\n--> statement-breakpoint\ninsert into ran values ('0');\n";

async function asked<T>(text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: own.url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

it("what goes beside others' work is carried out once, when the migrations have been, and anew where it was interrupted", async () => {
  const index = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "a_n" ON a (n);';
  const folder = online(release(first), {
    "0.sql": `${building}--> statement-breakpoint\n${index}\n--> statement-breakpoint\nselect 1 / count(*) from a;`,
  });
  await expect(bring(folder)).rejects.toThrow("division by zero");
  await asked("insert into a values (1)");
  // As it is left where building one ends early.
  await asked("update pg_index set indisvalid = false where indexrelid = 'a_n'::regclass");
  for (const _ of [1, 2]) await bring(folder);
  expect(await asked("select count(*)::int as n from ran")).toEqual([{ n: 2 }]);
  expect(await asked("select indisvalid as v from pg_index where indexrelid = 'a_n'::regclass")).toEqual([
    { v: true },
  ]);
});

it("two who migrate at once do not wait for each other in a circle while one builds an index", async () => {
  const folder = online(release(first), {
    "0.sql": 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "a_n" ON a (n);',
    "1.sql": "select of_a_migration_that_is_not_there;",
  });
  await Promise.all([bring(folder), bring(folder), bring(folder)]);
  expect(await asked("select file from drizzle.online")).toEqual([{ file: "0.sql" }]);
});

it("whatever goes beside others' work is of a migration", () => {
  const names = (folder: string) => fs.readdirSync(folder).filter((file) => file.endsWith(".sql"));
  expect(names("db/migrations")).toEqual(expect.arrayContaining(names("db/migrations/online")));
});
