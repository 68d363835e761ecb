import type { Sql } from "@/db/client";

/** What went: how many, and how many bytes that had been counted (lib/domain/usage/count-bytes.ts). */
export type Gone = {
  messages?: number;
  states?: number;
  /** Steps whose logs went. */
  logs?: number;
  runs?: number;
  bodyBytes?: number;
  stateBytes?: number;
  logBytes?: number;
};

/** Adds to what went of a project on the day (UTC), in the transaction in which it goes. */
export async function countGone(
  sql: Sql,
  { projectId, at = new Date() }: { projectId: string; at?: Date | undefined },
  { messages = 0, states = 0, logs = 0, runs = 0, bodyBytes = 0, stateBytes = 0, logBytes = 0 }: Gone,
): Promise<void> {
  if (messages + states + logs + runs + bodyBytes + stateBytes + logBytes === 0) return;
  await sql.query(
    `insert into usage_days as u (project_id, day, gone_messages, gone_states, gone_logs, gone_runs,
       gone_body_bytes, gone_state_bytes, gone_log_bytes)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9
     on conflict (project_id, day) do update set gone_messages = u.gone_messages + excluded.gone_messages,
       gone_states = u.gone_states + excluded.gone_states, gone_logs = u.gone_logs + excluded.gone_logs,
       gone_runs = u.gone_runs + excluded.gone_runs, gone_body_bytes = u.gone_body_bytes + excluded.gone_body_bytes,
       gone_state_bytes = u.gone_state_bytes + excluded.gone_state_bytes,
       gone_log_bytes = u.gone_log_bytes + excluded.gone_log_bytes`,
    [projectId, at.toISOString().slice(0, 10), messages, states, logs, runs, bodyBytes, stateBytes, logBytes],
  );
}

/** Of a project, how many logs went, and their counted bytes. */
export type LogsGone = { projectId: string; logs: number; logBytes: number };

/** The same of logs of several projects. One that is deleted meanwhile is counted no more. */
export async function countLogsGone(sql: Sql, gone: readonly LogsGone[], at: Date): Promise<void> {
  if (gone.length === 0) return;
  await sql.query(
    `/* checked: each project's own */ insert into usage_days as u (project_id, day, gone_logs, gone_log_bytes)
     select p.id, $4, g.logs, g.bytes from unnest($1::uuid[], $2::int[], $3::float8[]) g (project_id, logs, bytes)
     join projects p on p.id = g.project_id order by p.id
     on conflict (project_id, day) do update set gone_logs = u.gone_logs + excluded.gone_logs,
       gone_log_bytes = u.gone_log_bytes + excluded.gone_log_bytes`,
    [
      gone.map(({ projectId }) => projectId),
      gone.map(({ logs }) => logs),
      gone.map(({ logBytes }) => logBytes),
      at.toISOString().slice(0, 10),
    ],
  );
}
