import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { firstIdAt } from "@/lib/domain/id-range";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { openClient } from "./client";
import { bringUpToDate } from "./migrate";

const folder = "db/migrations";
const patience = 60_000;
let before: string;
let own: OwnDatabase;
const clients: pg.Client[] = [];

/** The migrations of the release before. */
beforeAll(() => {
  before = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-before-"));
  fs.cpSync(folder, before, { recursive: true });
  const file = path.join(before, "meta/_journal.json");
  const { entries } = JSON.parse(fs.readFileSync(file, "utf8"));
  const end = entries.findIndex(({ tag }: { tag: string }) => tag.endsWith("_partitions"));
  fs.writeFileSync(file, JSON.stringify({ entries: entries.slice(0, end) }));
});
afterAll(() => fs.rmSync(before, { recursive: true }));
beforeEach(async () => {
  own = await ownDatabase();
  eye = await client();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  await own.drop();
});

async function client(): Promise<pg.Client> {
  const made = await openClient(own.url);
  clients.push(made);
  return made;
}

let eye: pg.Client;
const asked = async (text: string, values: unknown[] = []) => (await eye.query(text, values)).rows;

async function bring(release: string): Promise<void> {
  const one = await openClient(own.url);
  await bringUpToDate(one, release).finally(() => one.end());
}

/** A database of the release before with steps of these ids, each with a line. */
async function filled(ids: string[]): Promise<void> {
  await bring(before);
  await asked("set session_replication_role = replica");
  await asked(
    `insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal)
     select id, uuid_v7(), uuid_v7(), uuid_v7(), uuid_v7(), 'Job', 'a@1', 0 from unnest($1::uuid[]) id`,
    [ids],
  );
  await asked("set session_replication_role = origin");
  await asked(oldRelease, [ids, 0]);
}

/** As the release before writes lines. */
const oldRelease = `insert into log_lines (step_id, seq, at, level, source, message)
  select id, $2, now(), 'info', 'JOB', 'done' from unnest($1::uuid[]) id on conflict do nothing`;

const today = firstIdAt(new Date());
const old = firstIdAt("2025-01-01");
const ahead = firstIdAt("2199-01-01");
const made = "000eca44-64f6-4e1c-a3a6-1d0a5b6d1a77";
const highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";

it(
  "a log that is there becomes the first partition, and nothing of it is written anew; what no clock gave is kept beside it",
  async () => {
    await filled([old, today, ahead, made, highest]);
    const [was] = await asked("select pg_relation_filenode('log_lines') as file");
    await bring(folder);
    expect(await asked("select pg_relation_filenode('log_lines_first') as file")).toEqual([was]);
    expect(
      await asked("select tableoid::regclass::text as in, step_id as id from log_lines order by 2"),
    ).toEqual(
      [
        { in: "log_lines_first", id: old },
        { in: "log_lines_first", id: today },
        { in: "log_lines_first", id: made },
        { in: "log_lines_other", id: ahead },
        { in: "log_lines_other", id: highest },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    // What was found by its id is, and what its words allow.
    await asked(oldRelease, [[today, highest], 0]);
    expect(await asked("select count(*)::int as n from log_lines")).toEqual([{ n: 5 }]);
    await expect(asked(oldRelease.replace("'JOB'", "'nobody'"), [[today], 1])).rejects.toThrow(
      "log_lines_source_word",
    );
  },
  patience,
);

it(
  "it is moved while the release before writes, and waits for whoever reads for long without holding up anybody",
  async () => {
    await filled([today]);
    const [writer, reader] = [await client(), await client()];
    await reader.query("begin");
    await reader.query("select count(*) from log_lines");
    const moving = bring(folder);
    let isMoved = false;
    void moving.finally(() => {
      isMoved = true;
    });
    let lines = 1;
    const write = () => writer.query({ name: "line", text: oldRelease, values: [[today], lines++] });
    // It has come as far as the reader, and asks again and again.
    const waits = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    while ((await asked(waits)).length === 0) await write();
    for (let n = 0; n < 100; n++) await write();
    expect(isMoved).toBe(false);
    await reader.query("commit");
    while (!isMoved) await write();
    await moving;
    await write();
    expect(await asked("select count(*)::int as n, max(seq) as last from log_lines")).toEqual([
      { n: lines, last: lines - 1 },
    ]);
  },
  patience,
);

it(
  "where it was interrupted it goes on, and the bound is ahead of when it does",
  async () => {
    await filled([today]);
    await asked(
      "alter table log_lines add constraint log_lines_first check (step_id < '01a00000-0000-7000-8000-000000000000') not valid",
    );
    await asked("create table log_lines_other (like log_lines including all excluding constraints)");
    await bring(folder);
    const [{ bound }] = await asked(
      "select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = 'log_lines_first'",
    );
    expect(
      bound > `FOR VALUES FROM (MINVALUE) TO ('${firstIdAt(new Date(Date.now() + 29 * 86_400_000))}`,
    ).toBe(true);
    expect(await asked("select tableoid::regclass::text as in from log_lines")).toEqual([
      { in: "log_lines_first" },
    ]);
  },
  patience,
);
