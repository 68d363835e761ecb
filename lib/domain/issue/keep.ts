import type { Sql } from "@/db/client";
import { limits } from "@/lib/limits";
import { sqlJson } from "@/lib/sql-json";
import { type News, newsOf, type Standing, told, withFailure } from "./course";
import type { Failure } from "./failures";
import { fingerprintOf, otherCause } from "./fingerprint";
import { tellOf } from "./tell";

/** A trend is shown of the last 14 days; a few more are kept. */
const keptDays = 90;
/** Nobody is told of what failed longer ago: it was found by an upgrade, or after a long standstill. */
const newsMs = 24 * 60 * 60 * 1_000;

type Kept = Standing & { id: string; fingerprint: string; workflowId: string };
/** Drivers hand over timestamps as Date or text. */
type Stored = Omit<Kept, "changedAt" | "ignoredUntil"> & {
  changedAt: Date | string;
  ignoredUntil: Date | string | null;
};

/**
 * Makes these failures part of their issues, in the caller's transaction, and tells whoever is to hear of them. Returns the
 * issue of each run; of several the one of its last failure.
 */
export async function keepFailures(
  sql: Sql,
  projectId: string,
  found: Failure[],
  now: Date,
): Promise<Map<string, string>> {
  const { failures, kept } = await issuesOf(sql, projectId, found);
  const groups = new Map<string, Failure[]>();
  for (const failure of failures)
    groups.set(failure.fingerprint, [...(groups.get(failure.fingerprint) ?? []), failure]);
  const changed = [...groups].map(([fingerprint, ofIssue]) => {
    const before = kept.get(fingerprint);
    if (!before) throw new Error("An issue was not made.");
    return changeOf(before, ofIssue, now);
  });
  await writeIssues(sql, projectId, changed);
  await writeOrders(sql, projectId, changed);
  await writeDays(sql, projectId, changed);
  for (const { issue, newest, news } of changed)
    if (news)
      await tellOf(sql, { projectId, workflowId: newest.workflowId, status: newest.state, now }, issue, news);
  const issueOf = new Map<string, string>();
  for (const { fingerprint, runId } of failures) {
    const id = kept.get(fingerprint)?.id;
    if (id) issueOf.set(runId, id);
  }
  return issueOf;
}

type Changed = {
  issue: Kept;
  ofIssue: Failure[];
  first: Failure;
  newest: Failure;
  news: News | null;
  wasTold: boolean;
};

function changeOf(before: Kept, ofIssue: Failure[], now: Date): Changed {
  const [first] = ofIssue;
  const newest = ofIssue.at(-1);
  if (!first || !newest) throw new Error("An issue has no failure.");
  let issue: Kept = before;
  for (const { at } of ofIssue) issue = { ...issue, ...withFailure(issue, at) };
  const isRecent = now.getTime() - newest.at.getTime() < newsMs;
  const news = isRecent ? newsOf(issue) : null;
  return {
    issue: news ? { ...issue, ...told(issue) } : issue,
    ofIssue,
    first,
    newest,
    news,
    wasTold: news !== null,
  };
}

const columns = `id, fingerprint, workflow_id as "workflowId", state, count, changed_at as "changedAt",
  changed_by_label is not null as "isByPerson", ignored_until as "ignoredUntil", ignored_until_count as "ignoredUntilCount",
  returned, told_returned as "toldReturned", told_count as "toldCount"`;

/** The issues of these failures, locked, those that are missing made. A job that has too many gets one for all the others. */
async function issuesOf(
  sql: Sql,
  projectId: string,
  found: Failure[],
): Promise<{ failures: Failure[]; kept: Map<string, Kept> }> {
  const known = await lock(sql, projectId, found);
  const full = await fullJobs(
    sql,
    projectId,
    found.filter(({ fingerprint }) => !known.has(fingerprint)),
  );
  const failures = found.map((one) => {
    if (known.has(one.fingerprint) || !full(one)) return one;
    const cause = otherCause(one);
    return { ...one, ...cause, fingerprint: fingerprintOf(cause) };
  });
  const missing = new Map(
    failures.filter(({ fingerprint }) => !known.has(fingerprint)).map((one) => [one.fingerprint, one]),
  );
  if (missing.size === 0) return { failures, kept: known };
  await sql.query(
    `insert into issues (project_id, workflow_id, job_id, job_name, error_type, title, fingerprint, run_state, first_seen_at,
       last_seen_at, changed_at, last_run_id, last_step_id, first_message_id, first_work_order_id)
     select $1, x."workflowId", x."jobId", x."jobName", x."errorType", x.title, x.fingerprint, x.state, x.at, x.at, x.at, x."runId", x."stepId",
       x."messageId", x."workOrderId"
     from jsonb_to_recordset($2::jsonb) as x ("messageId" uuid, "workOrderId" uuid, "workflowId" uuid, "jobId" uuid, "jobName" text, "errorType" text, title text,
       fingerprint text, state text, at timestamptz, "runId" uuid, "stepId" uuid)
     order by x.fingerprint on conflict (project_id, fingerprint) do nothing`,
    [projectId, sqlJson([...missing.values()])],
  );
  return { failures, kept: await lock(sql, projectId, failures) };
}

async function lock(sql: Sql, projectId: string, failures: Failure[]): Promise<Map<string, Kept>> {
  const found = await sql.query<Stored>(
    `select ${columns} from issues where project_id = $1 and fingerprint = any($2::text[]) order by id for no key update`,
    [projectId, [...new Set(failures.map(({ fingerprint }) => fingerprint))]],
  );
  return new Map(
    found.map(({ changedAt, ignoredUntil, ...one }) => [
      one.fingerprint,
      {
        ...one,
        changedAt: new Date(changedAt),
        ignoredUntil: ignoredUntil === null ? null : new Date(ignoredUntil),
      },
    ]),
  );
}

/** Whether a job has as many issues as it may have, those of these failures counted one after another. */
async function fullJobs(
  sql: Sql,
  projectId: string,
  fresh: Failure[],
): Promise<(failure: Failure) => boolean> {
  const workflowIds = [...new Set(fresh.map(({ workflowId }) => workflowId))];
  if (workflowIds.length === 0) return () => false;
  const counts = await sql.query<{ workflowId: string; jobId: string | null; count: number }>(
    `select workflow_id as "workflowId", job_id as "jobId", count(*)::int as count from issues
     where workflow_id = any($2::uuid[]) and project_id = $1 group by 1, 2`,
    [projectId, workflowIds],
  );
  const key = ({ workflowId, jobId }: { workflowId: string; jobId: string | null }) =>
    `${workflowId}/${jobId}`;
  const seen = new Map(counts.map((one) => [key(one), one.count]));
  const admitted = new Set<string>();
  const refused = new Set<string>();
  for (const failure of fresh) {
    const { fingerprint } = failure;
    if (admitted.has(fingerprint) || refused.has(fingerprint)) continue;
    const count = seen.get(key(failure)) ?? 0;
    if (count >= limits.issuesOfJob) refused.add(fingerprint);
    else {
      admitted.add(fingerprint);
      seen.set(key(failure), count + 1);
    }
  }
  return ({ fingerprint }) => refused.has(fingerprint);
}

async function writeIssues(sql: Sql, projectId: string, changed: Changed[]): Promise<void> {
  const rows = changed.map(({ issue, first, newest, wasTold }) => ({
    ...issue,
    firstAt: first.at,
    lastAt: newest.at,
    runState: newest.state,
    runId: newest.runId,
    stepId: newest.stepId,
    jobName: newest.jobName,
    title: newest.title,
    wasTold,
  }));
  await sql.query(
    `update issues i set state = x.state, count = x.count, changed_at = x."changedAt",
       changed_by = case when x."isByPerson" then i.changed_by end,
       changed_by_label = case when x."isByPerson" then i.changed_by_label end,
       ignored_until = x."ignoredUntil", ignored_until_count = x."ignoredUntilCount", returned = x.returned,
       told_returned = x."toldReturned", told_count = x."toldCount", told_at = case when x."wasTold" then now() else i.told_at end,
       first_seen_at = least(i.first_seen_at, x."firstAt"), seen_id = uuid_v7(),
       last_seen_at = greatest(i.last_seen_at, x."lastAt"),
       run_state = case when x."lastAt" >= i.last_seen_at then x."runState" else i.run_state end,
       last_run_id = case when x."lastAt" >= i.last_seen_at then x."runId" else i.last_run_id end,
       last_step_id = case when x."lastAt" >= i.last_seen_at then x."stepId" else i.last_step_id end,
       job_name = coalesce(x."jobName", i.job_name),
       -- Retention has taken the title away, and it is said anew.
       title = case when i.title = i.error_type then x.title else i.title end
     from jsonb_to_recordset($2::jsonb) as x (id uuid, state text, count int, "changedAt" timestamptz, "isByPerson" boolean,
       "ignoredUntil" timestamptz, "ignoredUntilCount" int, returned int, "toldReturned" int, "toldCount" int, "wasTold" boolean,
       "firstAt" timestamptz, "lastAt" timestamptz, "runState" text, "runId" uuid, "stepId" uuid, "jobName" text, title text)
     where i.id = x.id and i.project_id = $1`,
    [projectId, sqlJson(rows)],
  );
}

/** The work orders that they affect, each with its newest failure. */
async function writeOrders(sql: Sql, projectId: string, changed: Changed[]): Promise<void> {
  const orders = changed.flatMap(({ issue, ofIssue }) => {
    const byOrder = new Map<string, { times: number; newest: Failure }>();
    for (const failure of ofIssue) {
      const { times = 0 } = byOrder.get(failure.workOrderId) ?? {};
      byOrder.set(failure.workOrderId, { times: times + 1, newest: failure });
    }
    return [...byOrder.values()].map(({ times, newest: { workOrderId, messageId, runId, stepId, at } }) => ({
      issueId: issue.id,
      ...{ workOrderId, messageId, runId, stepId, at, times },
    }));
  });
  await sql.query(
    `insert into issue_orders as o (issue_id, work_order_id, project_id, message_id, run_id, step_id, times, failed_at)
     select x."issueId", x."workOrderId", $1, x."messageId", x."runId", x."stepId", x.times, x.at
     from jsonb_to_recordset($2::jsonb) as x ("issueId" uuid, "workOrderId" uuid, "messageId" uuid, "runId" uuid, "stepId" uuid,
       times int, at timestamptz)
     order by 1, 2
     on conflict (issue_id, work_order_id) do update set times = o.times + excluded.times, healed_at = null,
       run_id = case when excluded.run_id > o.run_id then excluded.run_id else o.run_id end,
       step_id = case when excluded.run_id > o.run_id then excluded.step_id else o.step_id end,
       failed_at = greatest(o.failed_at, excluded.failed_at)`,
    [projectId, sqlJson(orders)],
  );
}

async function writeDays(sql: Sql, projectId: string, changed: Changed[]): Promise<void> {
  const days = changed.flatMap(({ issue, ofIssue }) => {
    const counts = new Map<string, number>();
    for (const { at } of ofIssue) {
      const day = at.toISOString().slice(0, 10);
      counts.set(day, (counts.get(day) ?? 0) + 1);
    }
    return [...counts].map(([day, count]) => ({ issueId: issue.id, day, count }));
  });
  await sql.query(
    `insert into issue_days as d (issue_id, day, project_id, count)
     select x."issueId", x.day, $1, x.count from jsonb_to_recordset($2::jsonb) as x ("issueId" uuid, day date, count int) order by 1, 2
     on conflict (issue_id, day) do update set count = d.count + excluded.count`,
    [projectId, sqlJson(days)],
  );
  await sql.query(
    "delete from issue_days where issue_id = any($2::uuid[]) and project_id = $1 and day < (now() at time zone 'UTC')::date - $3::int",
    [projectId, changed.map(({ issue }) => issue.id), keptDays],
  );
}
