import { type SQL, sql } from "drizzle-orm";

/**
 * SQL for "the run belongs to a message", which is looked up by its work orders: an index of runs by message would be written
 * three times for each. `of` says which messages, over `o.message_id`; the project is hidden from the indexes that begin
 * with it, so that whatever is known of the tables the message's own are read.
 */
export const isOfMessage = (run: string, project: string, of: SQL): SQL =>
  sql`${sql.raw(run)}.project_id is not distinct from ${project}::uuid and ${sql.raw(run)}.work_order_id = any(array(
    select o.id from work_orders o where o.project_id is not distinct from ${project}::uuid and ${of}))`;

/** The same over SQL for one message's id and for its project. */
export const isOfMessageSql = (run: string, project: string, message: string): string =>
  `${run}.project_id is not distinct from ${project} and ${run}.work_order_id = any(array(
    select o.id from work_orders o where o.project_id is not distinct from ${project} and o.message_id = ${message}))`;
