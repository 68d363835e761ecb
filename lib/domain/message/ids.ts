import { type SQL, sql } from "drizzle-orm";
import { type IdRange, type KeysetScope, keyset } from "@/db/keyset";
import { type JobStateWord, jobStateWords } from "@/lib/words";
import { type MessageSetInfo, messageSetInfo, runSetInfo } from "@/lib/workflow/outcome";
import type { MessageFilter } from "./filter";

/** Which end of time comes first. */
export type Order = "newestFirst" | "oldestFirst";

/** The page of a list that is asked for. */
export type PageOfIds = { project: string; range: IdRange; order: Order; limit: number };

/** At most `limit` ids that a filter selects, in order, from the index that answers it. The text is not looked at. */
export function filteredIds({ state, job }: MessageFilter, page: PageOfIds): SQL {
  if (state === "waiting") return waiting(page);
  if (state === "rejected") return ofOrders(page, sql`listed_state = 'rejected'`);
  if (state === "test" || state === "unmatched") return all(page, sql`m.id`, ownConditions[state]);
  if (state) return inSet(page, messageSetInfo[state], job);
  return job ? merged(page, ofJobStates(page, jobStateWords, job)) : all(page, sql`m.id`);
}

/** The same messages, in any order, with these columns of `m`. */
export function filteredMessages(filter: MessageFilter, page: PageOfIds, columns: SQL): SQL {
  const { state, job } = filter;
  if (state === "test" || state === "unmatched") return all(page, columns, ownConditions[state]);
  if (!state && !job) return all(page, columns);
  return sql`select ${columns} from (${filteredIds(filter, page)}) s join messages m on m.id = s.id and m.project_id = ${page.project}`;
}

/** SQL for the order of ids. */
export const direction = (order: Order) => (order === "newestFirst" ? sql`desc` : sql`asc`);

function all({ project, range, order, limit }: PageOfIds, columns: SQL, also = sql``): SQL {
  const ofProject = keyset([[sql`m.project_id`, project]], sql`m.id`, range);
  return sql`select ${columns} from messages m where ${ofProject.where} ${also} order by ${ofProject[order]} limit ${limit}`;
}

/** What is told by a message and that it has no work orders. */
const ownConditions = {
  test: sql`and m.source = 'test'`,
  unmatched: sql`and m.matches = 0
      and not exists (select 1 from work_orders w where w.message_id = m.id and w.project_id = m.project_id)`,
};

/** What is true of a message by one of its jobs, or else by how one of its work orders ended. */
function inSet(page: PageOfIds, { words, orWorkOrder }: MessageSetInfo, job?: string): SQL {
  const parts = ofJobStates(page, words, job);
  return merged(
    page,
    orWorkOrder && !job
      ? [...parts, ofOrders(page, sql.raw(runSetInfo.unsuccessful.sql(() => "listed_state")))]
      : parts,
  );
}

/** Each part is a page of its own in its index; several are merged. */
function merged({ order, limit }: PageOfIds, parts: SQL[]): SQL {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const each = parts.map((part) => sql`(${part})`);
  return sql`select distinct id from (${sql.join(each, sql` union all `)}) j order by id ${direction(order)} limit ${limit}`;
}

const ofJobStates = (page: PageOfIds, words: readonly JobStateWord[], job?: string): SQL[] =>
  words.map((word) => ofWord(page, word, job));

function ofWord({ project, range, order, limit }: PageOfIds, word: JobStateWord, job?: string): SQL {
  const scope: KeysetScope = [[sql`project_id`, project]];
  if (job) scope.push([sql`job_id`, job]);
  const ofProject = keyset([...scope, [sql`result`, word]], sql`message_id`, range);
  return sql`select distinct on (${ofProject.columns}) message_id as id from job_states where ${ofProject.where}
    order by ${ofProject[order]} limit ${limit}`;
}

/** Messages with a work order of which this is true; each such condition has its partial index. */
function ofOrders({ project, range, order, limit }: PageOfIds, condition: SQL): SQL {
  const ofProject = keyset([[sql`project_id`, project]], sql`message_id`, range);
  return sql`select distinct on (${ofProject.columns}) message_id as id from work_orders
    where ${ofProject.where} and ${condition} order by ${ofProject[order]} limit ${limit}`;
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
