import type { Sql } from "@/db/client";
import type { FindForgotten } from "./watch";

/**
 * Of these runs, those that the embedded engine has neither queued nor under way. Events become its rows in the
 * transaction that takes them from the outbox, so that there is no moment in which a run is in neither.
 */
export const forgottenByEngine =
  (sql: Sql, schema = "durable"): FindForgotten =>
  async (runs) => {
    const rows = await sql.query<{ id: string }>(
      `with known as materialized (
         select r.events->0->'data'->>'runId' as id from ${schema}.queue q join ${schema}.run r on r.id = q.run_id
         where r.events->0->>'name' = 'run/requested'
       )
       select id from unnest($1::text[]) c(id) where id not in (select id from known where id is not null)`,
      [runs.map((run) => run.id)],
      `${schema}.forgotten`,
    );
    return rows.map((row) => row.id);
  };
