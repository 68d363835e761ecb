import { and, eq, lte, sql as text } from "drizzle-orm";
import type { Database, Sql } from "@/db/client";
import { runsInState } from "@/db/keyset";
import { auditEvents, projects } from "@/db/schema";
import { write } from "@/lib/domain/write";
import { purgePayloads } from "@/lib/payloads/clear";
import { operator } from "./actor";
import type { Pace } from "./pace";
import { deleteFound, deleteRows, type Found, type Rows } from "./rows";
import { leaveTokens } from "./tokens";

/** SQL for the steps `s` of the runs `$1` of the project `$2`. */
const fromSteps = `from unnest($1::uuid[]) r (id)
  cross join lateral (select id from steps where run_id = r.id and project_id is not distinct from $2::uuid offset 0) s`;
const stepsOfRuns = `select t.ctid ${fromSteps}`;

/**
 * What grows with use, leaves first. Each row's own are looked up one by one (`offset 0`, and `is not distinct from`, which no
 * index of the project's serves): all that the project had is read again for each batch otherwise, dead as it is.
 */
const history: Rows[] = [
  {
    table: "runs",
    children: [
      {
        table: "log_lines",
        owners: `select s.id ${fromSteps}`,
        key: ["step_id", "seq"],
      },
      {
        table: "step_attempts",
        of: `/* checked: of its steps */ ${stepsOfRuns} cross join lateral (select ctid from step_attempts l where l.step_id = s.id offset 0) t`,
      },
      {
        table: "run_steps",
        of: `select t.ctid from run_steps t where t.run_id = any($1::uuid[])
               and exists (select 1 from runs r where r.id = t.run_id and r.project_id is not distinct from $2::uuid offset 0)`,
      },
      {
        table: "run_steps",
        of: `/* checked: of its steps */ ${stepsOfRuns} cross join lateral (select ctid from run_steps l where l.step_id = s.id offset 0) t`,
      },
      {
        table: "steps",
        of: `select t.ctid from unnest($1::uuid[]) r (id)
               cross join lateral (select id, ctid from steps where run_id = r.id and project_id is not distinct from $2::uuid offset 0) t
             where not exists (select 1 from log_lines l where l.step_id = t.id offset 0)
               and not exists (select 1 from step_attempts l where l.step_id = t.id offset 0)
               and not exists (select 1 from run_steps l where l.step_id = t.id offset 0)`,
      },
    ],
    isAlone: `not exists (select 1 from steps s where s.run_id = t.id and s.project_id is not distinct from t.project_id offset 0)
      and not exists (select 1 from run_steps l where l.run_id = t.id offset 0)`,
  },
  {
    table: "work_orders",
    isAlone:
      "not exists (select 1 from runs r where r.work_order_id = t.id and r.project_id is not distinct from t.project_id offset 0)",
  },
  // Before the messages that they refer to, which would put back what they said.
  { table: "stored_states", bytes: "size" },
  {
    table: "messages",
    children: [
      {
        table: "job_states",
        of: `select t.ctid from unnest($1::uuid[]) m (id) cross join lateral (
               select ctid from job_states where message_id = m.id and project_id is not distinct from $2::uuid offset 0) t`,
      },
    ],
    isAlone:
      "not exists (select 1 from job_states s where s.message_id = t.id and s.project_id is not distinct from t.project_id offset 0)",
    bytes: "size",
  },
  { table: "refused_requests", bytes: "kept" },
  {
    table: "test_runs",
    children: [
      {
        table: "test_steps",
        of: "select t.ctid from test_steps t where t.test_run_id = any($1::uuid[]) and t.project_id is not distinct from $2::uuid",
      },
    ],
    isAlone:
      "not exists (select 1 from test_steps s where s.test_run_id = t.id and s.project_id is not distinct from t.project_id offset 0)",
  },
  { table: "collection_items", bytes: "bytes" },
  { table: "notices" },
  { table: "audit_events" },
];

/** What people made, and which rows, about the project `$1`. Sizes are those that are stored: nothing is read for them. */
const ofProject = (table: string, bytes?: string): Found => ({
  table,
  where: "project_id = $1",
  ...(bytes ? { bytes } : {}),
});
const settings: Found[] = [
  {
    table: "trigger_auth_methods",
    where:
      "auth_method_id in (select id from auth_methods where project_id = $1) or trigger_id in (select id from triggers where project_id = $1)",
  },
  ofProject("issue_days"),
  ofProject("issue_orders"),
  ofProject("issues"),
  ofProject("wipe_certificates"),
  ofProject("person_items"),
  ofProject("person_requests"),
  ofProject("bulk_refusals"),
  ofProject("bulk_acts"),
  ofProject("draft_tests"),
  ofProject("drafts", "pg_column_size(graph)"),
  ofProject("edges"),
  ofProject("jobs", "pg_column_size(body)"),
  ofProject("triggers"),
  ofProject("library_versions", "pg_column_size(body)"),
  ofProject("library_jobs"),
  ofProject("deploys"),
  ofProject("snapshots", "pg_column_size(graph)"),
  ofProject("workflows"),
  ofProject("emptied_collections"),
  ofProject("collections"),
  ofProject("keychain_credentials"),
  ofProject("project_credentials"),
  ofProject("project_oauth_clients"),
  ofProject("oauth_consents"),
  ofProject("auth_methods"),
  ofProject("deliveries"),
  ofProject("end_counts"),
  ofProject("usage_days"),
  ofProject("logs_gone"),
  ofProject("retention_cursors"),
  ofProject("retention_left"),
  ofProject("payloads_left"),
  ofProject("plan_notices"),
  ofProject("notice_rules"),
  ofProject("notice_channels"),
  ofProject("reveals"),
  ofProject("invitations"),
  ofProject("api_tokens"),
  ofProject("project_tokens"),
  ofProject("project_members"),
  { table: "outbox", where: "project_id = $1::uuid and held_by is null" },
  { table: "outbox", where: "project_id = $1::uuid and held_by is not null" },
  // The release before named the project in the data alone.
  { table: "outbox", where: "project_id is null and held_by is null and data->>'projectId' = $1::text" },
];

/** Deletes what the engine remembers of a project. Returns whether nothing is left. */
export type ForgetInEngine = (projectId: string, pace: Pace) => Promise<boolean>;

/**
 * Purges a project whose time has come: everything but its `taken_ids`, and one line of the record that says that it was.
 * Returns whether it is done; false when the pace ended first or its last runs have not ended: ask again. What it has
 * done is never undone, so it may be ended anywhere and goes on with what is left.
 */
export async function purgeProject(
  database: Database,
  projectId: string,
  deps: { pace: Pace; forgetInEngine: ForgetInEngine },
): Promise<boolean> {
  const { pace } = deps;
  const [project] = await database.query<{ isDue: boolean }>(
    `/* checked: by the ranges within */ select deletes_at <= now() and not exists (
         select 1 from runs r where ${runsInState("projects.id", "pending")} and deletes_at > now() - interval '1 hour'
       ) and not exists (
         select 1 from runs r where ${runsInState("projects.id", "running")} and deletes_at > now() - interval '1 hour'
       ) as "isDue" from projects where id = $1 and deletes_at is not null`,
    [projectId],
  );
  if (!project?.isDue) return false;
  if (!(await deps.forgetInEngine(projectId, pace))) return false;
  const record = await whoAsked(database, projectId);
  // Another process has purged it in the meantime.
  if (!record) return false;
  for (const rows of history) if (!(await deleteRows(database, rows, { projectId }, pace))) return false;
  if (!(await purgePayloads(database, projectId, pace))) return false;
  // Workflows point at their newest version, and versions at their workflow.
  await database.query(
    "update workflows set snapshot_id = null where project_id = $1 and snapshot_id is not null",
    [projectId],
  );
  if (!(await leaveTokens(database, projectId, pace))) return false;
  for (const found of settings) if (!(await deleteFound(database, found, [projectId], pace))) return false;
  return end(database, projectId, record);
}

type Record = { name: string; scheduledAt: Date; by: string | null };

/** What the last line says; null when the project is gone. */
async function whoAsked(sql: Sql, projectId: string): Promise<Record | null> {
  const [row] = await sql.query<Record>(
    `select p.name, p.deletion_scheduled_at as "scheduledAt", u.email as by
     from projects p left join users u on u.id = p.deletion_scheduled_by where p.id = $1`,
    [projectId],
  );
  return row ?? null;
}

async function end({ db }: Database, projectId: string, { name, scheduledAt, by }: Record): Promise<boolean> {
  return write({ db, actor: operator }, "own", async (tx) => {
    const gone = await tx
      .delete(projects)
      .where(and(eq(projects.id, projectId), lte(projects.deletesAt, text`now()`)))
      .returning({ id: projects.id });
    if (gone.length === 0) return { result: false, audit: null, changed: null };
    await tx.delete(auditEvents).where(eq(auditEvents.projectId, projectId));
    return {
      result: true,
      audit: {
        event: "project.purge",
        itemId: projectId,
        before: { name, scheduledAt, by },
        project: { id: projectId },
      },
      changed: null,
    };
  });
}
