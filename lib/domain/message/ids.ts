import { type SQL, sql } from "drizzle-orm";
import { type IdRange, type KeysetScope, keyset } from "@/db/keyset";
import { type JobStateResult, jobStateResults } from "@/lib/words";
import type { MessageFilter } from "./filter";

/** Which end of time comes first. */
export type Order = "newestFirst" | "oldestFirst";

/** The page of a list that is asked for. */
type PageOfIds = { project: string; range: IdRange; order: Order; limit: number };

/** At most `limit` ids that a filter selects, in order, from the index that answers it. The text is not looked at. */
export function filteredIds({ state, job }: MessageFilter, page: PageOfIds): SQL {
  if (state === "waiting") return waiting(page);
  if (state === "unmatched") return unmatched(page);
  if (state) return withState(page, state, job);
  return job ? withJob(page, job) : all(page);
}

const direction = (order: Order) => (order === "newestFirst" ? sql`desc` : sql`asc`);

function all({ project, range, order, limit }: PageOfIds, also = sql``): SQL {
  const ofProject = keyset([[sql`m.project_id`, project]], sql`m.id`, range);
  return sql`select m.id from messages m where ${ofProject.where} ${also} order by ${ofProject[order]} limit ${limit}`;
}

const unmatched = (page: PageOfIds) =>
  all(
    page,
    sql`and m.matches = 0
      and not exists (select 1 from work_orders w where w.message_id = m.id and w.project_id = m.project_id)`,
  );

function withState({ project, range, order, limit }: PageOfIds, result: JobStateResult, job?: string): SQL {
  const scope: KeysetScope = [[sql`project_id`, project]];
  if (job) scope.push([sql`job_id`, job]);
  const ofProject = keyset([...scope, [sql`result`, result]], sql`message_id`, range);
  return sql`select distinct on (${ofProject.columns}) message_id as id from job_states where ${ofProject.where}
    order by ${ofProject[order]} limit ${limit}`;
}

/** Each result is a page of its own in the index; the three are merged. */
function withJob(page: PageOfIds, job: string): SQL {
  const each = jobStateResults.map((result) => sql`(${withState(page, result, job)})`);
  return sql`select id from (${sql.join(each, sql` union all `)}) j order by id ${direction(page.order)} limit ${page.limit}`;
}

/** Of all that waits in the project, because no index has it in the order of the messages. */
function waiting({ project, range: { from, after, before }, order, limit }: PageOfIds): SQL {
  return sql`with waiting as materialized (
      select distinct message_id as id from runs
      where project_id = ${project} and state = 'pending' and message_id is not null
    )
    select id from waiting where true ${from ? sql`and id >= ${from}` : sql``}
      ${after ? sql`and id > ${after}` : sql``} ${before ? sql`and id < ${before}` : sql``}
    order by id ${direction(order)} limit ${limit}`;
}
