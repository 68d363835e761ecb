import type { Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import type { Period } from "@/lib/domain/notice/rules/clock";
import { type FinalRunState, finalRunStates, type RunState, runStates } from "@/lib/words";

/** So many, or more: counting ends somewhere. */
export type Counted = { count: number; isMore: boolean };

/** What a project's runs came to in a period: of those that were queued in it. */
export type Numbers = {
  /** Null where only some workflows are asked about: a message is no workflow's. */
  messages: Counted | null;
  runs: Counted;
  /** Of those that have ended, as they stand now. One that is not there could not be counted, or is none. */
  states: Partial<Record<FinalRunState, Counted | undefined>>;
};

export type Slowest = { workflowId: string; medianMs: number };

type Scope = { projectId: string; workflowIds: string[] | null };

/** Rows of an index that one count reads; beyond it, days that have been counted already. */
const most = 100_000;
/** Of the part of a day that is left over when the person's days are not those of UTC. */
const mostOfADay = 1_000_000;
/** Rows that a count looks up. */
const mostLookedUp = 5_000;
/** Of the newest runs, by which workflows are compared. */
const compared = 2_000;

/**
 * What was queued in the period: of the whole project from days that have been counted anyway, and what did not succeed from
 * indexes, up to a bound. `isKept`: no history of the period has been deleted. No payload is read.
 */
export async function numbersOf(
  sql: Sql,
  scope: Scope,
  period: Period,
  { isKept = true, bound = most } = {},
): Promise<Numbers> {
  if (scope.workflowIds) return ofWorkflows(sql, scope.projectId, scope.workflowIds, period);
  const { projectId } = scope;
  const messages = await countAll(sql, "messages", projectId, period, bound);
  const runs = await countAll(sql, "runs", projectId, period, bound);
  const others = await countStates(sql, projectId, period, unsuccessful, bound);
  const isExact = !runs.isMore && [...others.values()].every(({ isMore }) => !isMore);
  const rest = [...others.values()].reduce((left, { count }) => left - count, runs.count);
  const success =
    isKept && isExact
      ? { count: Math.max(0, rest), isMore: false }
      : (await countStates(sql, projectId, period, ["success"], bound)).get("success");
  const states = finalRunStates.map((state) => [state, state === "success" ? success : others.get(state)]);
  return { messages, runs, states: Object.fromEntries(states) };
}

const unsuccessful = runStates.filter((state) => state !== "success");

async function countStates(
  sql: Sql,
  projectId: string,
  period: Period,
  states: readonly RunState[],
  bound: number,
): Promise<Map<RunState, Counted>> {
  const found = await sql.query<{ state: RunState; count: number }>(
    `/* checked: each range begins with the project */ select s.state, (select count(*)::int from (
       select 1 from runs r where (r.project_id, r.state, r.id) >= ($1, s.state, $2) and (r.project_id, r.state, r.id) < ($1, s.state, $3)
       order by r.project_id, r.state, r.id limit ${bound + 1}) counted) as count
     from unnest($4::text[]) s (state)`,
    [projectId, ...ids(period), states],
  );
  return new Map(found.map(({ state, count }) => [state, upTo(count, bound)]));
}

async function ofWorkflows(
  sql: Sql,
  projectId: string,
  workflowIds: string[],
  period: Period,
): Promise<Numbers> {
  const values = [projectId, workflowIds, ...ids(period)];
  const [all] = await sql.query<{ count: number }>(
    `/* checked: the workflows are the project's */ select count(*)::int as count from (
       select 1 from workflows w cross join lateral (
         select 1 from runs r where (r.workflow_id, r.id) >= (w.id, $3) and (r.workflow_id, r.id) < (w.id, $4)
         offset 0) r
       where w.project_id = $1 and w.id = any($2) limit ${most + 1}) counted`,
    values,
  );
  const ended = await sql.query<{ state: FinalRunState; count: number }>(
    `/* checked: the workflows are the project's */ select state, count(*)::int as count from (
       select r.state from workflows w cross join lateral (
         select r.state from runs r where (r.workflow_id, r.id) >= (w.id, $3) and (r.workflow_id, r.id) < (w.id, $4)
           and r.state in ('failed', 'crashed', 'cancelled', 'killed', 'exception', 'lost', 'rejected')
         offset 0) r
       where w.project_id = $1 and w.id = any($2) limit ${mostLookedUp + 1}) counted group by state`,
    values,
  );
  const [open] = await sql.query<{ count: number }>(
    `/* checked: the range begins with the project */ select count(*)::int as count from (
       select r.workflow_id from unnest('{pending,running}'::text[]) s (state) cross join lateral (
         select r.workflow_id from runs r
         where (r.project_id, r.state, r.id) >= ($1, s.state, $3) and (r.project_id, r.state, r.id) < ($1, s.state, $4)
         order by r.project_id, r.state, r.id) r
       limit ${mostLookedUp + 1}) unfinished where workflow_id = any($2)`,
    values,
  );
  const runs = upTo(all?.count ?? 0);
  const without = ended.reduce((sum, { count }) => sum + count, open?.count ?? 0);
  const isKnown = !runs.isMore && without <= mostLookedUp;
  return {
    messages: null,
    runs,
    states: Object.fromEntries([
      ...ended.map(({ state, count }) => [state, upTo(count, mostLookedUp)]),
      ...(isKnown ? [["success", { count: Math.max(0, runs.count - without), isMore: false }]] : []),
    ]),
  };
}

/** All of the project's: by the days (UTC) that have been counted, else row by row of the index, up to a bound. */
async function countAll(
  sql: Sql,
  table: "messages" | "runs",
  projectId: string,
  period: Period,
  bound: number,
): Promise<Counted> {
  const byDays = await countDays(sql, table, projectId, period);
  return byDays ?? upTo(await countRows(sql, table, projectId, period, bound), bound);
}

async function countRows(
  sql: Sql,
  table: "messages" | "runs",
  projectId: string,
  period: Period,
  limit: number,
): Promise<number> {
  if (period.from >= period.to) return 0;
  const [row] = await sql.query<{ count: number }>(
    `/* checked: the range begins with the project */ select count(*)::int as count from (
       select 1 from ${table} t where (t.project_id, t.id) >= ($1, $2) and (t.project_id, t.id) < ($1, $3)
       order by t.project_id, t.id limit ${limit + 1}) counted`,
    [projectId, ...ids(period)],
  );
  return row?.count ?? 0;
}

const dayMs = 86_400_000;

/** Null while they have not been counted up to the period's end. */
async function countDays(
  sql: Sql,
  table: "messages" | "runs",
  projectId: string,
  { from, to }: Period,
): Promise<Counted | null> {
  const first = new Date(Math.ceil(from.getTime() / dayMs) * dayMs);
  const last = new Date(Math.floor(to.getTime() / dayMs) * dayMs);
  if (first >= last) return null;
  const countedTo = table === "runs" ? "counted_to" : "bytes_to";
  const [days] = await sql.query<{ count: number }>(
    `select coalesce(sum(${table}), 0)::float8 as count from usage_days
     where project_id = $1 and day >= $2::date and day < $3::date
     having exists (select 1 from usage_counted where ${countedTo} >= $4)`,
    [projectId, first.toISOString().slice(0, 10), last.toISOString().slice(0, 10), firstIdAt(last)],
  );
  if (!days) return null;
  const before = await countRows(sql, table, projectId, { from, to: first }, mostOfADay);
  const after = await countRows(sql, table, projectId, { from: last, to }, mostOfADay);
  return {
    count: days.count + Math.min(before, mostOfADay) + Math.min(after, mostOfADay),
    isMore: before > mostOfADay || after > mostOfADay,
  };
}

/** The workflow whose runs took longest, by the newest of the period; null when none ended. */
export async function slowestOf(
  sql: Sql,
  { projectId, workflowIds }: Scope,
  period: Period,
): Promise<Slowest | null> {
  const [row] = await sql.query<Slowest>(
    `/* checked: the range begins with the project */ select workflow_id as "workflowId",
       round(1000 * percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at)))::float8 as "medianMs"
     from (
       select r.workflow_id, r.started_at, r.finished_at from runs r
       where (r.project_id, r.id) >= ($1, $2) and (r.project_id, r.id) < ($1, $3)
       order by r.project_id desc, r.id desc limit ${compared}
     ) newest
     where started_at is not null and finished_at is not null and ($4::uuid[] is null or workflow_id = any($4))
     group by workflow_id order by 2 desc, 1 limit 1`,
    [projectId, ...ids(period), workflowIds],
  );
  return row ?? null;
}

export type IssueNumbers = {
  open: Counted;
  begun: number;
  begunBefore: number;
  returned: number;
  resolved: number;
};

/** Issues that are open now, and what became of those with failures since the time before began. */
export async function issuesOf(
  sql: Sql,
  { projectId, workflowIds }: Scope,
  period: Period,
  before: Period,
): Promise<IssueNumbers> {
  const [open] = await sql.query<{ count: number }>(
    `select count(*)::int as count from (
       select i.workflow_id from issues i where i.project_id = $1 and i.state = 'open'
         and ($2::uuid[] is null or i.workflow_id = any($2)) limit ${mostLookedUp + 1}) counted`,
    [projectId, workflowIds],
  );
  const [found] = await sql.query<Omit<IssueNumbers, "open">>(
    `select count(*) filter (where first_seen_at >= $4 and first_seen_at < $5)::int as begun,
       count(*) filter (where first_seen_at >= $3 and first_seen_at < $4)::int as "begunBefore",
       count(*) filter (where state = 'open' and returned > 0 and changed_at >= $4 and changed_at < $5)::int as returned,
       count(*) filter (where state = 'resolved' and changed_at >= $4 and changed_at < $5)::int as resolved
     from (
       select i.* from issues i where i.project_id = $1 and ($2::uuid[] is null or i.workflow_id = any($2))
       order by i.project_id desc, i.seen_id desc limit ${mostLookedUp}
     ) newest`,
    [projectId, workflowIds, before.from, period.from, period.to],
  );
  return {
    open: upTo(open?.count ?? 0, mostLookedUp),
    begun: found?.begun ?? 0,
    begunBefore: found?.begunBefore ?? 0,
    returned: found?.returned ?? 0,
    resolved: found?.resolved ?? 0,
  };
}

const ids = ({ from, to }: Period): [string, string] => [firstIdAt(from), firstIdAt(to)];

const upTo = (count: number, bound = most): Counted => ({
  count: Math.min(count, bound),
  isMore: count > bound,
});
