import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { type Keyset, type KeysetScope, keyset, type SqlIdRange } from "@/db/keyset";
import type { Context } from "@/lib/domain/context";
import { firstIdAt } from "@/lib/domain/id-range";
import type { History, HistoryAsked } from "./asked";
import { invalidIn, refuseNoMoments, wordsIn } from "./page";

/** What is asked for of runs or work orders: ranges of an index, and what each row `t` of them is asked besides. */
export type Ranges = {
  db: Db;
  table: History["table"];
  /** A range each: the columns `project` and `state`, as `from` has them. */
  each: SQL;
  count: number;
  /** The rows of a range whose values these are, of ids before another one; undefined for all of the range. */
  of: (values: { project: SQL; state: SQL }, before?: SQL) => Pick<Keyset, "where" | "newestFirst">;
  /** What else is asked of a row; undefined for nothing. */
  condition: SQL | undefined;
};

/**
 * The ranges that are asked for: each project's (and state's, of runs), the workflow's, or the few rows that are named.
 * Undefined when no project is asked. Throws `invalid` for what is no moment, state or id.
 */
export function rangesOf(
  ctxs: readonly Context[],
  asked: HistoryAsked,
  history: History,
): Ranges | undefined {
  const { inserted_after, inserted_before, updated_after, updated_before, workflow_id } = asked;
  refuseNoMoments({ inserted_after, inserted_before, updated_after, updated_before });
  const { states, ids } = namedIn(asked, history);
  const among = ctxs.filter(
    ({ project }) => !asked.project_id || project.id === asked.project_id.toLowerCase(),
  );
  const [first] = among;
  if (!first) return undefined;
  const { table, updatedAt, only } = history;
  const projects = sql.param(among.map(({ project }) => project.id));
  const few = only ?? (ids && sql`t.id = any(${sql.param(ids)}::uuid[])`);
  const isProjects = !few && !workflow_id;
  const isStates = isProjects && table === "runs" && states !== undefined;
  const conditions = [
    ...(isProjects ? [] : [sql`t.project_id = any(${projects}::uuid[])`]),
    ...(few && workflow_id ? [sql`t.workflow_id = ${workflow_id}::uuid`] : []),
    ...(states && !isStates ? [sql`t.state = any(${sql.param(states)}::text[])`] : []),
    ...(only && ids ? [sql`t.id = any(${sql.param(ids)}::uuid[])`] : []),
    ...(updated_after ? [sql`${updatedAt} > ${updated_after}::timestamptz`] : []),
    ...(updated_before ? [sql`${updatedAt} < ${updated_before}::timestamptz`] : []),
  ];
  const range = rangeOf(asked);
  const within = (scope: KeysetScope, before?: SQL): Keyset =>
    keyset(scope, sql`t.id`, { ...range, ...(before ? { before } : {}) });
  return {
    db: first.db,
    table,
    each: sql`unnest(${isProjects ? projects : sql`array[null]`}::uuid[]) p(project)
      cross join unnest(${isStates ? sql.param(states) : sql`array[null]`}::text[]) s(state)`,
    count: (isProjects ? among.length : 1) * (isStates ? states.length : 1),
    of: ({ project, state }, before) => {
      if (few) {
        const { where, newestFirst } = within([], before);
        return { where: sql`${few} and ${where}`, newestFirst };
      }
      if (workflow_id) return within([[sql`t.workflow_id`, sql`${workflow_id}::uuid`]], before);
      return within(
        [[sql`t.project_id`, project], ...(isStates ? ([[sql`t.state`, state]] satisfies KeysetScope) : [])],
        before,
      );
    },
    condition: conditions.length > 0 ? sql.join(conditions, sql` and `) : undefined,
  };
}

/** States and ids that are asked for; each state once, however often it is named. */
function namedIn(asked: HistoryAsked, { stateOf }: History) {
  const states = wordsIn(asked.state)?.map((word) => {
    const state = stateOf(word);
    if (!state) throw invalidIn("state", `Invalid state filter: ${word.slice(0, 100)}.`);
    return state;
  });
  const ids = (asked["id[]"] ?? wordsIn(asked.id))?.map((id) => {
    if (!z.uuid().safeParse(id).success) throw invalidIn("id", `Id ${id.slice(0, 100)} should be a UUID.`);
    return id;
  });
  return { states: states && [...new Set(states)], ids };
}

/** Ids tell when a row was made; nothing is made after it was changed. */
function rangeOf({ inserted_after, inserted_before, updated_before }: HistoryAsked): SqlIdRange {
  const [before] = [inserted_before, updated_before].flatMap((at) => (at ? [firstIdAt(at)] : [])).sort();
  return { from: inserted_after && firstIdAt(inserted_after), before };
}
