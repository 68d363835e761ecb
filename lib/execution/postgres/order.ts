/**
 * SQL that is always true, once all of a common table expression has been carried out. PostgreSQL carries out those that
 * change rows in an order of its own, unless one reads another: this is how a statement takes its locks in the order of
 * lib/domain/write.ts.
 */
export const isDone = (expression: string): string => `(select count(*) from ${expression}) >= 0`;

/**
 * Work orders (`ids` is SQL for theirs), locked in the order of their ids: several statements may each be about several
 * of the same. A common table expression's body, with `id`.
 */
export const lockedWorkOrders = (ids: string): string =>
  `/* checked: of runs that were found */ select id from work_orders where id = any(array(${ids})) order by id for no key update`;

/** Job states (`pairs` is SQL for theirs), locked in the order of their keys. A common table expression's body, with both. */
export const lockedJobStates = (pairs: string): string =>
  `/* checked: of steps that were found */ select message_id, job_id from job_states where (message_id, job_id) in (${pairs})
    order by message_id, job_id for no key update`;
