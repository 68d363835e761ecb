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
