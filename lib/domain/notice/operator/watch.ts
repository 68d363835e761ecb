import type { Database, Sql } from "@/db/client";
import { type NoticeTarget, queueNotices } from "@/lib/domain/notice/queue";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { mailMode } from "@/lib/mail/mode";
import { sqlJson } from "@/lib/sql-json";
import { type Condition, fullDisk, lostRuns, stuckQueue, unsentNotices } from "./conditions";

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
 * ends; of what happened at most once an hour. Returns how many notices were queued.
 */
export async function watch(database: Database, facts: Facts): Promise<number> {
  const found = [
    ...(await fullDisk(facts.dataDir)),
    ...(facts.isEngineUp ? await stuckQueue(database, facts.oldestOutboxMs) : []),
    ...(facts.isRunnerWell ? [] : [{ name: "runner", detail: {} }]),
  ];
  let told = 0;
  for (const { name, detail } of found) told += await lasts(database, { name, detail });
  told += await ends(database, found);
  told += await happened(database, "runs", async (since) => {
    const ended = await lostRuns(database, since);
    return ended.length > 0 ? { ended } : null;
  });
  told += await happened(database, "notices", async (since) => {
    const unsent = await unsentNotices(database, since);
    return unsent > 0 ? { unsent } : null;
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
  const [mine] = await sql.query(
    `update operator_conditions set told_at = now() where name = $1
       and (told_at is null or told_at < now() - interval '${remindHours} hours') returning 1`,
    [name],
  );
  return mine
    ? tell(sql, { condition: name, phase: "lasts", since: new Date(row.since).toISOString(), detail })
    : 0;
}

/** A disk is seen by its own machine alone: what nobody has seen for a while is over, too. */
async function ends(sql: Sql, found: Condition[]): Promise<number> {
  const over = await sql.query<{ name: string; isTold: boolean; since: Date }>(
    `delete from operator_conditions where name not in ('runs', 'notices') and name <> all($1::text[])
       and (name not like 'disk:%' or seen_at < now() - interval '10 minutes')
     returning name, told_at is not null as "isTold", began_at as since`,
    [found.map(({ name }) => name)],
  );
  let told = 0;
  for (const { name, isTold, since } of over)
    if (isTold)
      told += await tell(sql, {
        condition: name,
        phase: "over",
        since: new Date(since).toISOString(),
        detail: {},
      });
  return told;
}

async function happened(
  sql: Sql,
  name: "runs" | "notices",
  look: (since: Date) => Promise<Record<string, unknown> | null>,
): Promise<number> {
  const [row] = await sql.query<{ toldAt: string; isDue: boolean }>(
    `insert into operator_conditions as c (name, told_at) values ($1, now() - interval '${eventsEachHours} hours')
     on conflict (name) do update set seen_at = now()
     returning c.told_at::text as "toldAt", c.told_at <= now() - interval '${eventsEachHours} hours' as "isDue"`,
    [name],
  );
  if (!row?.isDue) return 0;
  const since = new Date(row.toldAt);
  const detail = await look(since);
  if (!detail) return 0;
  const [mine] = await sql.query(
    `update operator_conditions set told_at = now(), detail = '{"isTold": true}' where name = $1 and told_at = $2::timestamptz
     returning 1`,
    [name, row.toldAt],
  );
  return mine ? tell(sql, { condition: name, phase: "happened", since: since.toISOString(), detail }) : 0;
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
