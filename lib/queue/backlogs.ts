import type { Database } from "@/db/client";
import { statement } from "@/db/statement";
import { limits } from "@/lib/limits";
import { sqlJson } from "@/lib/sql-json";

type BacklogsOptions = {
  database: Pick<Database, "query">;
  /** How many runs of one project may wait. */
  limit?: number;
  now?: () => number;
};

/** Between two looks. */
export const lookEveryMs = 2_000;
/** Messages are accepted again when so much of the limit waits. */
const roomAt = 0.9;
/** While nothing is known of a project's pace; and the longest that is told. Seconds. */
const unknownSeconds = 60;
const longestSeconds = 3_600;
/** How much the pace of the last look counts. */
const weight = 0.3;

/** What a look has seen of a project: how much waited, the newest of it, and how many ended a second lately. */
type Seen = { at: number; waiting: number; newest: string; pace: number | undefined };
type Counted = { project: string; waiting: number; newest: string | null; left: number; isFull: boolean };

/**
 * Projects of which so much waits, up to twice the limit, or that were full; `left` of that was there at the last look. A project
 * without much is a few rows of one index. What a person paused, and what waits in a line, is no backlog.
 */
const counting = statement<{ least: number; most: number; known: string }>(
  (p) => `/* all tenants: whoever has too much that waits */
with recursive asking (project_id) as (
  (select r.project_id from runs r where r.state = 'pending' and r.waits_for is null order by r.project_id limit 1)
  union all
  select next.project_id from asking cross join lateral (
    select r.project_id from runs r where r.project_id > asking.project_id and r.state = 'pending' and r.waits_for is null
    order by r.project_id limit 1
  ) next
),
of as (select project_id as id from asking union select id from projects where full_until is not null)
select of.id as project, c.waiting, c."left", newest.id as newest, p.full_until is not null as "isFull"
from of
cross join lateral (
  select count(*)::int as waiting, (count(*) filter (where w.id <= (${p.known}::jsonb->>(of.id::text))::uuid))::int as "left" from (
    select r.id from runs r where r.project_id = of.id and r.state = 'pending' and r.waits_for is null
    order by r.project_id, r.id limit ${p.most}::int
  ) w
) c
cross join lateral (select full_until from projects where id = of.id limit 1) p
left join lateral (
  select r.id from runs r where r.project_id = of.id and r.state = 'pending' and r.waits_for is null
  order by r.project_id desc, r.id desc limit 1
) newest on true
where c.waiting >= ${p.least}::int or p.full_until is not null`,
);

/** Says of projects for how many seconds they are full; null: they are not. */
const marking = `/* all tenants: projects that were counted */
update projects p set full_since = case when m.seconds is not null then coalesce(p.full_since, now()) end,
  full_until = now() + make_interval(secs => m.seconds)
from jsonb_to_recordset($1::jsonb) as m (project uuid, seconds float8) where p.id = m.project`;

/**
 * Keeps the runs that wait bounded: of which projects too many do stands with the project, so that every door says so to its
 * senders for the price of a comparison, and pages to people. What was accepted is kept whatever waits; the count is a look
 * old, so that as many more may come in as are accepted meanwhile. Without an engine nobody looks, and nothing is refused: when
 * there would be room, nobody could say.
 */
export class Backlogs {
  readonly #options: BacklogsOptions;
  readonly #limit: number;
  readonly #now: () => number;
  #seen = new Map<string, Seen>();

  constructor(options: BacklogsOptions) {
    this.#options = options;
    this.#limit = options.limit ?? limits.waitingRuns;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Counts, and says of each project that is full, or was, until when. */
  async look(): Promise<void> {
    const { query } = this.#options.database;
    const at = this.#now();
    const [least, most] = [Math.ceil(this.#limit * roomAt), 2 * this.#limit];
    const known = Object.fromEntries([...this.#seen].map(([project, { newest }]) => [project, newest]));
    const values = counting.values({ least, most, known: sqlJson(known) });
    const counted = await query<Counted>(counting.text, values, "backlogs.count");
    const seen = new Map<string, Seen>();
    const marks: { project: string; seconds: number | null }[] = [];
    for (const { project, waiting, newest, left, isFull } of counted) {
      const pace = this.#paceOf(this.#seen.get(project), { at, waiting, left });
      if (newest !== null) seen.set(project, { at, waiting, newest, pace });
      if (waiting > (isFull ? least : this.#limit))
        marks.push({ project, seconds: this.#secondsOf(waiting - least, pace) });
      else if (isFull) marks.push({ project, seconds: null });
    }
    this.#seen = seen;
    if (marks.length > 0) await query(marking, [sqlJson(marks)], "backlogs.mark");
  }

  /** How many of what waited at the last look ended a second since. Of more than is counted nobody knows. */
  #paceOf(
    before: Seen | undefined,
    { at, waiting, left }: { at: number; waiting: number; left: number },
  ): number | undefined {
    if (!before || at <= before.at || Math.max(waiting, before.waiting) >= 2 * this.#limit)
      return before?.pace;
    const pace = (1_000 * Math.max(0, before.waiting - left)) / (at - before.at);
    return before.pace === undefined ? pace : (1 - weight) * before.pace + weight * pace;
  }

  /** Until so many have ended; in any case beyond the next look. */
  #secondsOf(tooMany: number, pace: number | undefined): number {
    const least = (3 * lookEveryMs) / 1_000;
    if (!pace) return unknownSeconds;
    return Math.min(longestSeconds, Math.max(least, Math.ceil(tooMany / pace)));
  }
}
