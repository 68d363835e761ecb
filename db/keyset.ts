import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** Which ids, both ends optional: `from` is inclusive, `after` and `before` are not. */
export type IdRange = { from?: string | undefined; after?: string | undefined; before?: string | undefined };

/** The same, before the id that SQL reads. */
export type SqlIdRange = Omit<IdRange, "before"> & { before?: string | SQLWrapper | undefined };

/** The columns in front of the id, and the one value that each shall have. */
export type KeysetScope = [column: SQLWrapper, value: SQLWrapper | string][];

export type Keyset = { where: SQL; columns: SQL; newestFirst: SQL; oldestFirst: SQL };

const lowest = "00000000-0000-0000-0000-000000000000";
const highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * A page of one project's (workflow's, job's) rows in the order of time, read from the index on these columns and `id`
 * and from no other. It is a range over all of them on purpose: beside `project_id = $1`, every index that ends in `id`
 * gives the order, and PostgreSQL, which cannot know that what a project has is old, likes to walk everybody's rows
 * backwards until it meets some. Use `where` together with one of the two orders.
 */
export function keyset(scope: KeysetScope, id: SQLWrapper, { from, after, before }: SqlIdRange = {}): Keyset {
  const columns = [...scope.map(([column]) => column), id];
  const at = (last: string | SQLWrapper) => row([...scope.map(([, value]) => sql`${value}`), sql`${last}`]);
  const ordered = (direction: SQL) =>
    sql.join(
      columns.map((column) => sql`${column} ${direction}`),
      sql`, `,
    );
  const low = after && (!from || after >= from) ? sql`> ${at(after)}` : sql`>= ${at(from ?? lowest)}`;
  const high = before ? sql`< ${at(before)}` : sql`<= ${at(highest)}`;
  return {
    where: sql`${row(columns)} ${low} and ${row(columns)} ${high}`,
    columns: sql.join(columns, sql`, `),
    newestFirst: ordered(sql`desc`),
    oldestFirst: ordered(sql`asc`),
  };
}

/**
 * SQL for "in this state, of this project" over the runs' alias `r`, read from the index on the two and from no other: what
 * waits, or runs, has an index over everybody's, too. `projectId` is SQL.
 */
export const runsInState = (projectId: string, state: "pending" | "running"): string =>
  `(r.project_id, r.state, r.id) >= (${projectId}, '${state}', '${lowest}') and (r.project_id, r.state, r.id) <= (${projectId}, '${state}', '${highest}')`;

/**
 * A condition beside a keyset, asked of each row that is read. PostgreSQL believes a case of half the rows: if it thought
 * few of a workflow's to be the project's, it would read and sort them all instead.
 */
export const rowByRow = (condition: SQLWrapper): SQL => sql`case when ${condition} then true else false end`;

const row = (parts: SQLWrapper[]) => sql`(${sql.join(parts, sql`, `)})`;
