import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Sql } from "@/db/client";
import { forgetMentions } from "@/inngest/embedded/forget";
import { applySchema } from "@/inngest/embedded/schema";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { deleteProject } from "@/lib/domain/project/delete";
import { rerunRun } from "@/lib/domain/run/rerun";
import { createToken } from "@/lib/domain/token/create";
import { type Bucket, bucket } from "@/lib/payloads/bucket";
import { ownBucket } from "@/lib/payloads/home";
import { createWorld, type World } from "@/lib/testing/api/world";
import { ownTestDatabase } from "@/lib/testing/database";
import { contextFor, expectAudit, userContextFor } from "@/lib/testing/fixtures";
import { startStorage } from "@/lib/testing/storage-server";
import { carryOutDeletions } from "./due";
import { type Pace, paceOf } from "./pace";
import type { ForgetInEngine } from "./project";

const storage = await startStorage();
Object.assign(process.env, storage.env);
afterAll(() => storage.end());

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
  await ownBucket(database.query, bucket() as Bucket);
  await applySchema(database, "durable");
});

const forgetInEngine: ForgetInEngine = (id, pace) => forgetMentions(database, "durable", id, pace);
const purger = () => ({ database, announce: () => {}, forgetInEngine });

type Table = { name: string; condition: string | null };

/**
 * Every table of every schema, from the catalogue, with SQL that says which of its rows belong to the project `$1`: those
 * with `project_id`, and those that point at such rows. Null for all others.
 */
async function tables(sql: Sql): Promise<Table[]> {
  const all = await sql.query<{ oid: number; name: string; hasProject: boolean }>(
    `select c.oid::int, format('%I.%I', n.nspname, c.relname) as name,
       exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped) as "hasProject"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)' order by 2`,
  );
  const keys = await sql.query<{ child: number; column: string; parent: number; target: string }>(
    `select k.conrelid::int as child, a.attname as column, k.confrelid::int as parent, b.attname as target
     from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
     join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1] where k.contype = 'f'`,
  );
  const conditions = new Map<number, string>();
  for (const { oid, name, hasProject } of all) {
    if (name === "public.projects") conditions.set(oid, "id = $1::uuid");
    else if (hasProject) conditions.set(oid, "project_id = $1::uuid");
    // It is partitioned, and points at nothing.
    else if (name === "public.log_lines")
      conditions.set(oid, "step_id in (select id from steps where project_id = $1::uuid)");
  }
  for (let before = -1; before !== conditions.size; ) {
    before = conditions.size;
    for (const { child, column, parent, target } of keys) {
      const of = conditions.get(parent);
      const name = all.find(({ oid }) => oid === parent)?.name;
      if (of && !conditions.has(child))
        conditions.set(child, `${column} in (select ${target} from ${name} where ${of})`);
    }
  }
  return all.map(({ oid, name }) => ({ name, condition: conditions.get(oid) ?? null }));
}

/** Ids of everything in the project. */
async function idsOf(projectId: string): Promise<string[]> {
  const ids = new Set([projectId]);
  for (const { name, condition } of await tables(database)) {
    if (!condition) continue;
    const rows = await database.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${name} t where ${condition}`,
      [projectId],
    );
    for (const { row } of rows)
      for (const key of ["id", "inbox_id", "snapshot_id", "output_dataclip_id"])
        if (typeof row[key] === "string") ids.add(row[key]);
  }
  return [...ids];
}

/** Tables with a row that mentions one of the ids in any column. */
async function mentions(ids: string[]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name } of await tables(database)) {
    const [row] = await database.query<{ n: number }>(
      `select count(*)::int as n from ${name} t where to_jsonb(t)::text ~ any($1::text[])`,
      [ids],
    );
    if (row && row.n > 0) found[name] = row.n;
  }
  return found;
}

/** What the engine remembers of a run: in every table that names it. */
async function remembered(runId: string, projectId: string): Promise<void> {
  const id = `${Date.now()}-${runId}`;
  const events = JSON.stringify([{ id: runId, name: "run/requested", data: { runId, projectId } }]);
  const lane = [id, "waybill-execute-run", projectId, `${projectId}/0`];
  await database.query(
    "insert into durable.run (id, fn, events, grp, lane, keys, limits, shared, rank) values ($1, $2, $5, $3, $4, '{}', '{}', 0, 0)",
    [...lane, events],
  );
  await database.query(
    "insert into durable.queue (id, run_id, fn, step, grp, lane, keys, limits, shared, rank, ready, run_at) values ($1 || '|d0', $1, $2, 'step', $3, $4, array[$3], '{8}', 1, 0, true, now())",
    lane,
  );
  await database.query("insert into durable.step (run_id, id, op) values ($1, 'a', 'Step')", [id]);
  await database.query(
    "insert into durable.wait (id, run_id, kind, event) values ($1 || '|c', $1, 'cancel', 'e')",
    [id],
  );
  await database.query(
    "insert into durable.timer (id, run_id, fn, kind, due_at) values ($1 || '|t', $1, 'f', 'finish', now())",
    [id],
  );
  await database.query(
    "insert into durable.idempotency (fn, key, run_id, expires_at) values ('f', $1, $2, now())",
    [runId, id],
  );
  await database.query("insert into durable.event (id) values ($1)", [runId]);
}

const thing = ({ things }: World, name: string): string => things[name] ?? "";
const ownerOf = (world: World) => ({ id: thing(world, "owner"), email: "owner@example.org" });
const ownerContext = (world: World) =>
  contextFor(ownerOf(world), { id: thing(world, "project"), name: thing(world, "projectName") });

/** A project with a row in every table that a project can have rows in. */
async function fullWorld(): Promise<World> {
  const world = await createWorld();
  const ctx = ownerContext(world);
  await linkAuthMethod(ctx, { authMethodId: thing(world, "method"), triggerIds: [thing(world, "webhook")] });
  await rerunRun(ctx, { runId: thing(world, "run"), fromStepId: thing(world, "failed") });
  await createToken(userContextFor(ownerOf(world)), { name: "bound", projectId: ctx.project.id });
  const several = [ctx.project.id, thing(world, "closing")];
  await createToken(userContextFor(ownerOf(world)), { name: "several", projectIds: several });
  for (const made of [
    "insert into usage_days (project_id, day, runs) values ($1, '2026-11-25', 1)",
    "insert into end_counts (project_id, workflow_id, job_id, hour, outcome, slot, count) values ($1, uuid_v7(), uuid_v7(), now(), 'lost', 0, 1)",
    `insert into reveals (project_id, user_id, message_id, reason, ends_at)
     select project_id, user_id, uuid_v7(), 'A question of the clinic', now() from project_members where project_id = $1 and role = 'owner'`,
    "insert into emptied_collections (contents_id, project_id) values (gen_random_uuid(), $1)",
    "insert into deploys (project_id, versions, source) values ($1, '{}', 'cli')",
    "insert into retention_cursors (project_id, kind, cursor) values ($1, 'messages', uuid_v7())",
    "insert into payloads (project_id, digest, sealed_key, size) values ($1, '', 'v1', 1)",
    "insert into payloads_left (project_id, payload_id) values ($1, uuid_v7())",
    "insert into retention_left (project_id, kind, item_id) values ($1, 'messages', uuid_v7())",
    "insert into logs_gone (project_id, before, at) values ($1, '00000000-0000-0000-0000-000000000000', now())",
    `insert into plan_notices (project_id, month, percent, user_id)
     select project_id, '2026-11-01', 85, user_id from project_members where project_id = $1 and role = 'owner'`,
    `insert into notice_rules (project_id, user_id)
     select project_id, user_id from project_members where project_id = $1 and role = 'owner'`,
  ])
    await database.query(made, [ctx.project.id]);
  await database.query(
    `insert into step_attempts (step_id, attempt, started_at, finished_at, exit_reason, log_lines, waits_until)
     values ($1, 1, now(), now(), 'fail', 0, now())`,
    [thing(world, "failed")],
  );
  await remembered(thing(world, "run"), ctx.project.id);
  await remembered(randomUUID(), ctx.project.id);
  return world;
}

const due = (projectId: string) =>
  database.query("update projects set deletes_at = now() - interval '2 hours' where id = $1", [projectId]);

async function until(isDone: () => Promise<boolean>) {
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 5));
}

// Each fills a project with one of everything, and looks for its ids in every table.
describe("a purged project", { timeout: 120_000 }, () => {
  test("is in no table any more, engine's included, but for its taken ids and one line of the record", async () => {
    const world = await fullWorld();
    const neighbour = await fullWorld();
    const projectId = thing(world, "project");
    for (const { name, condition } of await tables(database)) {
      if (!condition) continue;
      const rows = await database.query(`select 1 from ${name} where ${condition} limit 1`, [projectId]);
      expect(rows, `fullWorld has no row in ${name}: add one`).toHaveLength(1);
    }
    const ids = await idsOf(projectId);
    const others = await idsOf(thing(neighbour, "project"));
    const before = await mentions(others);
    await deleteProject(ownerContext(world), { confirmName: thing(world, "projectName") });
    await due(projectId);
    expect(await carryOutDeletions(purger(), 60_000)).toMatchObject({ projects: 1, isDone: true });
    expect(await mentions(ids)).toEqual({ "public.taken_ids": expect.any(Number), "public.audit_events": 1 });
    expect(await expectAudit("project.purge", projectId)).toMatchObject({
      actorType: "system",
      before: { name: thing(world, "projectName") },
    });
    expect(await mentions(others)).toEqual(before);
  });

  test("is purged although the purge ended at every single statement", async () => {
    const world = await fullWorld();
    const projectId = thing(world, "project");
    const ids = await idsOf(projectId);
    await deleteProject(ownerContext(world), { confirmName: thing(world, "projectName") });
    await due(projectId);
    await carryOutDeletions({ ...purger(), forgetInEngine: async () => false }, 1_000);
    const crash = new Error("killed");
    let statements = 0;
    let crashes = 0;
    // Dies at the first statement, then at the second, and so on: each time a new process goes on with what is left.
    for (let survives = 0; ; survives++) {
      statements = 0;
      const dying: Database = {
        ...database,
        query: (...call) => {
          if (statements++ >= survives) throw crash;
          return database.query(...call);
        },
      };
      const outcome = await carryOutDeletions({ ...purger(), database: dying }, 60_000).catch(
        (error) => error,
      );
      if (outcome !== crash) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(20);
    expect(await mentions(ids)).toEqual({ "public.taken_ids": expect.any(Number), "public.audit_events": 1 });
  });

  test("waits for no lock: what somebody holds is passed over, and goes when they let go", async () => {
    const world = await fullWorld();
    const projectId = thing(world, "project");
    await deleteProject(ownerContext(world), { confirmName: thing(world, "projectName") });
    await due(projectId);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isHeld = false;
    const holder = database.transaction(async (sql) => {
      for (const table of ["steps", "runs", "work_orders", "messages", "job_states"])
        await sql.query(`select 1 from ${table} where project_id = $1 for update`, [projectId]);
      isHeld = true;
      await held;
    });
    await until(async () => isHeld);
    expect(await carryOutDeletions(purger(), 1_500)).toMatchObject({ projects: 0, isDone: false });
    const [left] = await database.query<{ n: number }>(
      "select count(*)::int as n from messages where project_id = $1",
      [projectId],
    );
    expect(left?.n).toBe(3);
    letGo();
    await holder;
    expect(await carryOutDeletions(purger(), 60_000)).toMatchObject({ projects: 1, isDone: true });
  });

  test("deletes no more rows a statement however much there is", async () => {
    const world = await fullWorld();
    const projectId = thing(world, "project");
    await database.query(
      `insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'text', 'x', 4000000, '' from generate_series(1, 100) n`,
      [projectId],
    );
    await deleteProject(ownerContext(world), { confirmName: thing(world, "projectName") });
    await due(projectId);
    const sizes: number[] = [];
    const counting: Database = {
      ...database,
      async query(text, values, name) {
        const rows = await database.query<never>(text, values, name);
        if (name === "purge.messages") sizes.push(rows.length);
        return rows;
      },
    };
    await carryOutDeletions({ ...purger(), database: counting }, 60_000);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(103);
    // The three of the world, and what makes eight megabytes.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
  });
});

test("what is left to do is seen without doing anything while the time is not over", async () => {
  const world = await fullWorld();
  await deleteProject(ownerContext(world), { confirmName: thing(world, "projectName") });
  const ids = await idsOf(thing(world, "project"));
  const before = await mentions(ids);
  await carryOutDeletions(purger(), 60_000);
  // What waited is cancelled, and counted as such.
  const ends = "public.end_counts";
  expect(await mentions(ids)).toEqual({ ...before, [ends]: (before[ends] ?? 0) + 1 });
  const pace: Pace = paceOf(1_000);
  expect(pace.goesOn()).toBe(true);
});
