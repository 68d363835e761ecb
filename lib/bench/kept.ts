import { connect, type Database, database, openClient, type Sql } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { Presence } from "@/inngest/embedded/presence";
import { ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { claimRuns, type Known } from "@/inngest/lane/claim";
import { env } from "@/lib/env";
import { executeRun } from "@/lib/execution/execute-run";
import { accept } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import type { LogLine, StepRequest, StepResult } from "@/lib/runner/contract";
import { hostOn } from "@/lib/testing/host-on";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { createTarget } from "./setup";

const schema = "durable";
/** What a message leaves behind, by table. */
const keptTables = [
  "messages",
  "work_orders",
  "runs",
  "steps",
  "job_states",
  "stored_states",
  "log_lines",
  "outbox",
] as const;
/** As often as autovacuum comes, of so many messages. */
const vacuumEach = 200;
/** Runs that an engine has in hand. */
const atOnce = 16;

/** Of one table, per message: rows that were written, how often they were changed, and how much of that left its indexes alone. */
type OfTable = { bytes: number; inIndexes: number; inserted: number; updated: number; hot: number };

/** What one message costs to keep, accepted and run to its end. */
type Kept = {
  /** With the images of whole pages, of which there are so many. */
  walBytes: number;
  images: number;
  diskBytes: number;
  commits: number;
  tables: Record<(typeof keptTables)[number], OfTable>;
};

/** 1 KB, which compresses little. */
function bodyOf(n: number): string {
  const words = Array.from({ length: 200 }, (_, i) => (n * 7_919 + i * 104_729_311).toString(36));
  const begin = `{"form":"visit","patient":{"id":${n},"name":"Amina Diallo"},"notes":"${words.join(" ")}`;
  return `${begin.slice(0, 1_022)}"}`;
}

const headers = {
  "content-type": "application/json",
  "user-agent": "autocannon/8.0.0",
  accept: "*/*",
  host: "127.0.0.1:3000",
};

/** A job that adds to what it was given, and writes a line. */
class Job extends ScriptedRunner {
  constructor(readonly output: (input: string) => string) {
    super();
  }
  override async runStep(request: StepRequest, onLog?: (lines: LogLine[]) => void): Promise<StepResult> {
    onLog?.([{ seq: 0, at: Date.now(), level: "info", source: "JOB", message: "The visit was stored." }]);
    return { ...(await super.runStep(request)), output: this.output(request.input) };
  }
}

const seen = (input: string): string => `${input.slice(0, -1)},"seen":true}`;

type Asked = {
  database: Database;
  messages: number;
  /** What the job makes of the text of its state. */
  output?: (input: string) => string;
  /** Vacuums as autovacuum would. */
  isVacuumed?: boolean;
};

/**
 * Accepts messages, runs each to its end as an engine does, and says what one came to, after as many that are not counted.
 * `database` has one connection, whose part of the log is counted.
 */
export async function keptOf({
  database: alone,
  messages,
  output = seen,
  isVacuumed = false,
}: Asked): Promise<Kept> {
  const { webhookPath, projectId } = await createTarget("kept", "fn(state => ({ ...state, seen: true }));");
  const keys = await inboxKeys("x".repeat(40));
  const host = hostOn(alone, new Job(output));
  const owner = ulid();
  const presence = new Presence(alone, schema, 15_000);
  await presence.register(owner);
  let done: string[] = [];
  let known: Known = {};

  const receive = (n: number) =>
    accept(
      {
        method: "POST",
        segments: [webhookPath.slice(3)],
        search: "",
        headers,
        body: new Response(bodyOf(n)).body,
      },
      { query: alone.query, ...keys, maxBodyBytes: 1e6 },
    );
  /** Takes what waits until nothing does. */
  const work = async () => {
    for (;;) {
      const claim = await claimRuns(alone, schema, {
        owner,
        done,
        room: atOnce,
        after: projectId,
        projectLimit: atOnce,
        known,
      });
      if (!claim) throw new Error("The engine is not registered.");
      known = claim.known;
      done = claim.claimed.map(({ id }) => id);
      if (done.length === 0) return;
      await Promise.all(
        claim.claimed.map(({ runId, loaded }) => executeRun(host, runId, (_, play) => play(), loaded)),
      );
    }
  };
  const some = async (from: number) => {
    for (let n = from; n < from + messages; n++) {
      const { accepted } = await receive(n);
      if (!accepted) throw new Error("A message was not accepted.");
      if (n % atOnce === atOnce - 1) await work();
      if (isVacuumed && n % vacuumEach === vacuumEach - 1) await vacuum(alone);
    }
    await work();
    if (isVacuumed) await vacuum(alone);
  };
  await some(0);
  const before = await standing(alone);
  await some(messages);
  const after = await standing(alone);
  await presence.leave(owner);
  const [ended] = await alone.query<{ n: number }>(
    "select count(*)::int as n from runs where project_id = $1 and state = 'success'",
    [projectId],
  );
  if (ended?.n !== 2 * messages) throw new Error(`${ended?.n} of ${2 * messages} runs have succeeded.`);
  return perMessage(before, after, messages);
}

const vacuum = async (sql: Sql): Promise<void> => {
  for (const table of keptTables) await sql.query(`vacuum (truncate false) ${table}`);
};

type Standing = { wal: number; images: number; commits: number; tables: Kept["tables"] };

async function standing(sql: Sql): Promise<Standing> {
  await sql.query("select pg_stat_force_next_flush()");
  const [total] = await sql.query<{ wal: number; images: number; commits: number }>(
    `select w.wal_bytes::float8 as wal, w.wal_fpi::float8 as images, d.xact_commit::float8 as commits
     from pg_stat_get_backend_wal(pg_backend_pid()) w, pg_stat_database d where d.datname = current_database()`,
  );
  const rows = await sql.query<OfTable & { name: (typeof keptTables)[number] }>(
    `select of as name, sum(pg_total_relation_size(t.relid))::float8 as bytes, sum(pg_indexes_size(t.relid))::float8 as "inIndexes",
       sum(n_tup_ins)::float8 as inserted, sum(n_tup_upd)::float8 as updated, sum(n_tup_hot_upd)::float8 as hot
     from unnest($1::text[]) of join pg_stat_user_tables t on coalesce(pg_partition_root(t.relid), t.relid) = of::regclass group by of`,
    [[...keptTables]],
  );
  if (!total) throw new Error("There is no record of what was written.");
  const tables = Object.fromEntries(rows.map(({ name, ...one }) => [name, one])) as Kept["tables"];
  return { ...total, tables };
}

function perMessage(before: Standing, after: Standing, messages: number): Kept {
  const each = (name: "wal" | "images" | "commits") => (after[name] - before[name]) / messages;
  const tables = Object.fromEntries(
    keptTables.map((name) => {
      const [was, is] = [before.tables[name], after.tables[name]];
      const columns = Object.keys(is) as (keyof OfTable)[];
      return [
        name,
        Object.fromEntries(columns.map((column) => [column, (is[column] - was[column]) / messages])),
      ];
    }),
  ) as Kept["tables"];
  return {
    walBytes: each("wal"),
    images: each("images"),
    diskBytes: keptTables.reduce((sum, name) => sum + tables[name].bytes, 0),
    commits: each("commits"),
    tables,
  };
}

/** `--only kept`: on an empty database of its own, without a server. */
export async function measureKept(messages: number): Promise<void> {
  const url = env().DATABASE_URL ?? "";
  const client = await openClient(url);
  await bringUpToDate(client).finally(() => client.end());
  await applySchema(database(), schema);
  const alone = connect(url, { max: 1, kind: "background" });
  const outputs = { "adds to its state": seen, "returns its state": (input: string) => input };
  for (const [what, output] of Object.entries(outputs)) {
    const kept = await keptOf({ database: alone, messages, output, isVacuumed: true });
    console.log(`\na message of 1 KB, accepted and run to its end by a job that ${what}`);
    console.log(
      `log ${Math.round(kept.walBytes)} bytes, ${kept.images.toFixed(2)} images of pages in it; disk ${Math.round(kept.diskBytes)} bytes; ${kept.commits.toFixed(2)} commits`,
    );
    console.table(
      Object.fromEntries(
        Object.entries(kept.tables).map(([table, { bytes, inIndexes, ...rows }]) => [
          table,
          { bytes: Math.round(bytes), "in indexes": Math.round(inIndexes), ...rows },
        ]),
      ),
    );
  }
  await alone.close();
}
