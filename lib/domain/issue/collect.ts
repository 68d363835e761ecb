import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";
import { write } from "@/lib/domain/write";
import { causes, errorCode } from "@/lib/error-code";
import { log } from "@/lib/log";
import { sqlJson } from "@/lib/sql-json";
import { toldStatuses } from "@/lib/words";
import type { Collector } from "./collector";
import { failuresOf, type UncollectedRun } from "./failures";
import { healSome, wakeIgnored } from "./heal";
import { keepFailures } from "./keep";
import { takesTurn } from "./turn";

/** Runs that one transaction collects. */
const maxRuns = 200;
/** Projects that one look-round finds: a step of an index each. */
const maxProjects = 10_000;

/**
 * Makes issues of what has failed, and says which of them are over, project by project in turns for about `budgetMs`. Any
 * number may do so at once. What is left, because time was over or somebody held it, is found the next time. Returns how many
 * runs were collected and work orders healed.
 */
export async function collectIssues(
  collector: Collector,
  {
    budgetMs,
    runsAtOnce = maxRuns,
    now = () => new Date(),
  }: { budgetMs: number; runsAtOnce?: number; now?: () => Date },
): Promise<Done> {
  const endsAt = performance.now() + budgetMs;
  const done: Done = { collected: 0, healed: 0 };
  await alone(null, async () => {
    await wakeIgnored(collector);
    return done;
  });
  let waiting = await projectsWithWork(collector.db);
  while (waiting.length > 0) {
    const more: string[] = [];
    for (const projectId of waiting) {
      if (performance.now() > endsAt) return done;
      const { collected, healed } = await alone(projectId, async () => {
        const collected = await collectSome(collector, projectId, runsAtOnce, now());
        // Only when all that failed is known can anything be over.
        return { collected, healed: collected === 0 ? await healSome(collector, projectId) : 0 };
      });
      done.collected += collected;
      done.healed += healed;
      if (collected + healed > 0) more.push(projectId);
    }
    waiting = more;
  }
  return done;
}

type Done = { collected: number; healed: number };

/** What cannot be done in one project keeps nobody else's from it. */
async function alone(projectId: string | null, work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    // The driver's words hold what was to be stored: texts of errors.
    const code = causes(error).map(errorCode).find(Boolean) ?? "";
    log.error("Failures of a project could not be collected", { projectId, code });
    return { collected: 0, healed: 0 };
  }
}

const uncollected = `r.state in (${toldStatuses.map((state) => `'${state}'`).join(", ")}) and r.issue_id is null`;

/** A step of each index a project, however much each has. */
const looseScan = (table: string, alias: string, condition: string) => `
  (select ${alias}.project_id from ${table} ${alias} where ${condition} order by ${alias}.project_id limit 1)
  union all
  select next.project_id from found cross join lateral (
    select ${alias}.project_id from ${table} ${alias} where ${alias}.project_id > found.project_id and ${condition}
    order by ${alias}.project_id limit 1
  ) next`;

async function projectsWithWork(db: Db): Promise<string[]> {
  const scan = (part: string) =>
    queryOf(db)<{ id: string }>(
      `/* all tenants: whoever has something to collect */ with recursive found as (${part}) select project_id as id from found limit ${maxProjects}`,
    );
  const failed = await scan(looseScan("runs", "r", uncollected));
  const healed = await scan(looseScan("work_orders", "o", "o.listed_state = 'success'"));
  const ids = new Set([...failed, ...healed].map(({ id }) => id));
  // Where time is always over before all had a turn, the same ones would never have any.
  return [...ids]
    .map((id) => ({ id, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ id }) => id);
}

/** Those that somebody holds are passed over: the run before its work order, as everybody locks them. */
const take = `
select r.id, r.workflow_id as "workflowId", r.work_order_id as "workOrderId", r.message_id as "messageId", r.state,
  r.error_type as "errorType", left(r.error_message, 2000) as "errorMessage", coalesce(r.finished_at, r.created_at) as at
from runs r join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
where r.project_id = $1 and ${uncollected}
order by r.project_id, r.id limit $2 for no key update of r, o skip locked`;

/** One transaction: either a run is part of its issues, or it is found again. Returns how many runs were collected. */
async function collectSome(
  { db, announce }: Collector,
  projectId: string,
  runsAtOnce: number,
  now: Date,
): Promise<number> {
  return write({ db, announce, project: { id: projectId } }, "own", async (tx) => {
    const runs = await lockedRuns(tx, projectId, runsAtOnce);
    if (runs.length === 0) return { result: 0, audit: null, changed: null };
    const sql = { query: queryOf(tx) };
    const issues = await keepFailures(sql, projectId, await failuresOf(sql, projectId, runs), now);
    await sql.query(
      `update runs r set issue_id = x."issueId" from jsonb_to_recordset($2::jsonb) as x ("runId" uuid, "issueId" uuid)
       where r.id = x."runId" and r.project_id = $1`,
      [projectId, sqlJson(runs.map(({ id }) => ({ runId: id, issueId: issues.get(id) })))],
    );
    await sql.query(
      "update work_orders set has_issue = true where id = any($2::uuid[]) and project_id = $1 and not has_issue",
      [projectId, runs.map(({ workOrderId }) => workOrderId)],
    );
    return { result: runs.length, audit: null, changed: { issues: [...new Set(issues.values())] } };
  });
}

type Row = Omit<UncollectedRun, "at"> & { at: Date | string };

async function lockedRuns(tx: Db, projectId: string, most: number): Promise<UncollectedRun[]> {
  if (!(await takesTurn(tx, projectId))) return [];
  const runs = await queryOf(tx)<Row>(take, [projectId, most]);
  return runs.map((run) => ({ ...run, at: new Date(run.at) }));
}
