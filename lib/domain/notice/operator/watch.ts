import type { Database, Sql } from "@/db/client";
import { type NoticeTarget, queueNotices } from "@/lib/domain/notice/queue";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { mailMode } from "@/lib/mail/mode";
import { sqlJson } from "@/lib/sql-json";
import { type Condition, fullDisk, lostRuns, type Span, stuckQueue, unsentNotices } from "./conditions";

/** What the process that looks knows of the others. */
export type Facts = {
  isRunnerWell: boolean;
  isEngineUp: boolean;
  oldestOutboxMs: number | null;
  dataDir: string;
};

/** Shorter than this it is a restart, and no news. */
export const graceMinutes = 3;
const remindHours = 24;
const eventsEachHours = 1;

/**
 * Looks once for what the operator is to hear of, and has them told: of what lasts when it begins, once a day, and when it
 * ends; of what happened at most once an hour. Each is written down in the commit that queues its notice, so any number may
 * look at once and end anywhere. What cannot be looked at keeps nothing else from it. Returns how many notices were queued.
 */
export async function watch(database: Database, facts: Facts): Promise<number> {
  const { transaction } = database;
  const unknown: string[] = [];
  const look = async (name: string, at: () => Promise<Condition[]>): Promise<Condition[]> => {
    try {
      return await at();
    } catch (error) {
      log.error("what the operator should know could not be looked at", { condition: name, error });
      unknown.push(name);
      return [];
    }
  };
  const found = [
    ...(await look("disk", () => fullDisk(facts.dataDir))),
    ...(facts.isEngineUp ? await look("queue", () => stuckQueue(database, facts.oldestOutboxMs)) : []),
    ...(facts.isRunnerWell ? [] : [{ name: "runner", detail: {} }]),
  ];
  let told = 0;
  for (const condition of found) told += await transaction((sql) => lasts(sql, condition));
  const known = await database.query<{ name: string }>(
    "select name from operator_conditions where name <> all($1::text[])",
    [[...events, ...found.map(({ name }) => name)]],
  );
  for (const { name } of known)
    if (!unknown.some((word) => name.startsWith(word))) told += await transaction((sql) => ends(sql, name));
  for (const name of events)
    told += await transaction((sql) => happened(sql, name)).catch((error) => {
      log.error("what the operator should know could not be looked at", { condition: name, error });
      return 0;
    });
  return told;
}

async function lasts(sql: Sql, { name, detail }: Condition): Promise<number> {
  const [row] = await sql.query<{ isDue: boolean; since: Date }>(
    `insert into operator_conditions as c (name, detail) values ($1, $2::jsonb)
     on conflict (name) do update set seen_at = now(), detail = excluded.detail
     returning c.began_at as since, c.began_at <= now() - interval '${graceMinutes} minutes'
       and (c.told_at is null or c.told_at < now() - interval '${remindHours} hours') as "isDue"`,
    [name, sqlJson(detail)],
  );
  if (!row?.isDue) return 0;
  await sql.query("update operator_conditions set told_at = now() where name = $1", [name]);
  return tell(sql, { condition: name, phase: "lasts", since: new Date(row.since).toISOString(), detail });
}

/** A disk is seen by its own machine alone: what nobody has seen for a while is over, too. */
async function ends(sql: Sql, name: string): Promise<number> {
  const [over] = await sql.query<{ isTold: boolean; since: Date }>(
    `delete from operator_conditions where name = $1 and (name not like 'disk:%' or seen_at < now() - interval '10 minutes')
     returning told_at is not null as "isTold", began_at as since`,
    [name],
  );
  if (!over?.isTold) return 0;
  const since = new Date(over.since).toISOString();
  return tell(sql, { condition: name, phase: "over", since, detail: {} });
}

const events = ["runs", "notices"] as const;

/** What happened from one moment to another; null when nothing did. */
const looks: Record<
  (typeof events)[number],
  (sql: Sql, time: Span) => Promise<Record<string, unknown> | null>
> = {
  async runs(sql, time) {
    const ended = await lostRuns(sql, time);
    return ended.length > 0 ? { ended } : null;
  },
  async notices(sql, time) {
    const unsent = await unsentNotices(sql, time);
    return unsent > 0 ? { unsent } : null;
  },
};

/** From where the last notice ended to the beginning of this transaction: what ends while it looks is for the next. */
async function happened(sql: Sql, name: (typeof events)[number]): Promise<number> {
  const [row] = await sql.query<{ toldAt: string; now: string; isDue: boolean }>(
    `insert into operator_conditions as c (name, told_at) values ($1, now() - interval '${eventsEachHours} hours')
     on conflict (name) do update set seen_at = now()
     returning c.told_at::text as "toldAt", now()::text as now, c.told_at <= now() - interval '${eventsEachHours} hours' as "isDue"`,
    [name],
  );
  if (!row?.isDue) return 0;
  const detail = await looks[name](sql, { since: row.toldAt, until: row.now });
  if (!detail) return 0;
  await sql.query(
    `update operator_conditions set told_at = now(), detail = '{"isTold": true}' where name = $1`,
    [name],
  );
  return tell(sql, { condition: name, phase: "happened", since: new Date(row.toldAt).toISOString(), detail });
}

type Told = {
  condition: string;
  phase: "lasts" | "over" | "happened";
  since: string;
  detail: Record<string, unknown>;
};

async function tell(sql: Sql, told: Told): Promise<number> {
  log.warn(told.phase === "over" ? "it is over" : "the operator should know", { ...told });
  return queueNotices(
    sql,
    operatorTargets().map((to) => ({
      kind: "operator",
      key: `operator:${told.condition}:${told.phase}:${new Date().toISOString()}`,
      projectId: null,
      to,
      data: told,
      notBefore: null,
    })),
  );
}

/** Where the operator is told, besides the log; with neither, on the local mail page where there is one. */
export function operatorTargets(): NoticeTarget[] {
  const { OPERATOR_EMAIL, OPERATOR_WEBHOOK } = env();
  const set = [OPERATOR_EMAIL ? `mailto:${OPERATOR_EMAIL}` : "", OPERATOR_WEBHOOK ?? ""].filter(Boolean);
  if (set.length > 0) return set.map((address) => ({ address }));
  return mailMode() === "local" ? [{ address: "mailto:operator@localhost" }] : [];
}
