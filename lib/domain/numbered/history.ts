import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { type KeysetScope, keyset, rowByRow } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { firstIdAt } from "@/lib/domain/id-range";
import {
  countedEntries,
  invalidIn,
  type Numbered,
  numberedInput,
  openfnMoment,
  placeOf,
  refuseNoMoments,
  wordsIn,
} from "./page";

const idList = z.string().max(4_000).optional();

/** OpenFn's filters of runs and work orders. */
export const historyInput = numberedInput.extend({
  inserted_after: openfnMoment,
  inserted_before: openfnMoment,
  updated_after: openfnMoment,
  updated_before: openfnMoment,
  project_id: z.uuid().optional(),
  workflow_id: z.uuid().optional(),
  state: z.string().max(400).optional().meta({ description: "States, with commas between." }),
  id: idList.meta({ description: "Ids, with commas between." }),
  "id[]": z.array(z.string().max(100)).max(100).optional().meta({ description: "The same, one each." }),
});
export type HistoryAsked = z.output<typeof historyInput>;

export type History = {
  table: "runs" | "work_orders";
  /** When something last happened to a row `t`. */
  updatedAt: SQL;
  /** The column's word for one of the filter's; undefined for what is none. */
  stateOf: (word: string) => string | undefined;
  /** A condition with an index of its own: few rows fit it. */
  only?: SQL | undefined;
};

export type Place = { id: string; projectId: string };

/**
 * A numbered page of runs or work orders of some projects, newest first, as ids: each project is read from its index, and
 * counted up to `countedEntries`. Throws `invalid` for what is no moment, state or id.
 */
export async function numberedHistory(
  ctxs: readonly Context[],
  asked: HistoryAsked,
  history: History,
): Promise<Numbered<Place>> {
  const newest = newestOf(ctxs, asked, history);
  if (!newest) return { ...placeOf(asked, 0), items: [] };
  const most = countedEntries + 1;
  const [counted] = await rows<{ count: number }>(
    newest.db,
    sql`/* checked: by the keyset within */ select count(*)::int as count from (select 1 from ${newest.any(most)} limit ${most}) n`,
  );
  const { offset, ...place } = placeOf(asked, counted?.count ?? 0);
  const items = await rows<Place>(
    newest.db,
    sql`/* checked: by the keyset within */ select f.id, f.project_id as "projectId" from ${newest.upTo(offset + place.pageSize)}
      order by f.id desc offset ${offset} limit ${place.pageSize}`,
  );
  return { ...place, items };
}

/** Up to so many rows `f` of each project, for a `from`: the newest ones, or any, which is all that counting needs. */
type Newest = { db: Db; upTo: (limit: number) => SQL; any: (limit: number) => SQL };

/**
 * The newest rows `f`, of each of the projects up to a limit, as what stands behind a `from`; undefined when no project
 * is asked. Throws `invalid` for what is no moment, state or id.
 */
export function newestOf(
  ctxs: readonly Context[],
  asked: HistoryAsked,
  history: History,
): Newest | undefined {
  const { inserted_after, inserted_before, updated_after, updated_before } = asked;
  refuseNoMoments({ inserted_after, inserted_before, updated_after, updated_before });
  const { where, newestFirst } = ofProject(asked, history);
  const among = ctxs.filter(
    ({ project }) => !asked.project_id || project.id === asked.project_id.toLowerCase(),
  );
  const [first] = among;
  if (!first) return undefined;
  const ids = sql.param(among.map(({ project }) => project.id));
  const some = (ordered: SQL, limit: number) => sql`unnest(${ids}::uuid[]) p(id) cross join lateral (
      select t.id, t.project_id from ${sql.raw(history.table)} t where ${where} ${ordered} limit ${limit}) f`;
  return {
    db: first.db,
    upTo: (limit) => some(sql`order by ${newestFirst}`, limit),
    // Without the order PostgreSQL may read everybody's rows to find a workflow's.
    any: (limit) => some(asked.workflow_id ? sql`order by ${newestFirst}` : sql``, limit),
  };
}

/** What of a project `p` is listed: a range of one index, and what each row of it is asked. */
function ofProject(asked: HistoryAsked, { table, updatedAt, stateOf, only }: History) {
  const { updated_after, updated_before, workflow_id } = asked;
  const states = wordsIn(asked.state)?.map((word) => {
    const state = stateOf(word);
    if (!state) throw invalidIn("state", `Invalid state filter: ${word.slice(0, 100)}.`);
    return state;
  });
  const ids = (asked["id[]"] ?? wordsIn(asked.id))?.map((id) => {
    if (!z.uuid().safeParse(id).success) throw invalidIn("id", `Id ${id.slice(0, 100)} should be a UUID.`);
    return id;
  });
  const [state, ...others] = states ?? [];
  const ofState: KeysetScope =
    table === "runs" && state && others.length === 0 && !workflow_id && !only && !ids
      ? [[sql`t.state`, state]]
      : [];
  const scope: KeysetScope = workflow_id
    ? [[sql`t.workflow_id`, workflow_id]]
    : [[sql`t.project_id`, sql`p.id`], ...ofState];
  const range = rangeOf(asked);
  const few = only ?? (ids && sql`t.id = any(${sql.param(ids)}::uuid[])`);
  const page = few ? keyset([], sql`t.id`, range) : keyset(scope, sql`t.id`, range);
  const conditions = [
    ...(few || workflow_id ? [sql`t.project_id = p.id`] : []),
    ...(few && workflow_id ? [sql`t.workflow_id = ${workflow_id}::uuid`] : []),
    ...(states && ofState.length === 0 ? [sql`t.state = any(${sql.param(states)}::text[])`] : []),
    ...(only && ids ? [sql`t.id = any(${sql.param(ids)}::uuid[])`] : []),
    ...(updated_after ? [sql`${updatedAt} > ${updated_after}::timestamptz`] : []),
    ...(updated_before ? [sql`${updatedAt} < ${updated_before}::timestamptz`] : []),
  ];
  const rest = conditions.length > 0 ? sql`and ${rowByRow(sql.join(conditions, sql` and `))}` : sql``;
  return {
    where: few ? sql`${few} and ${page.where} ${rest}` : sql`${page.where} ${rest}`,
    newestFirst: page.newestFirst,
  };
}

/** Ids tell when a row was made; nothing is made after it was changed. */
function rangeOf({ inserted_after, inserted_before, updated_before }: HistoryAsked) {
  const [before] = [inserted_before, updated_before].flatMap((at) => (at ? [firstIdAt(at)] : [])).sort();
  return { from: inserted_after && firstIdAt(inserted_after), before };
}
