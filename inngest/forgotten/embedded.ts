import type { Sql } from "@/db/client";
import type { FindForgotten } from "./watch";

/**
 * Of these runs, those that nothing is there for: no row of the outbox, which lasts as long as an engine has the run in hand,
 * and none that a release without a lane has queued.
 */
export const forgottenByEngine =
  (sql: Sql, schema = "durable"): FindForgotten =>
  async (runs) => {
    const rows = await sql.query<{ id: string }>(
      `/* all tenants: the safety net */ with known as materialized (
         select r.events->0->'data'->>'runId' as id from ${schema}.queue q join ${schema}.run r on r.id = q.run_id
         where r.events->0->>'name' = 'run/requested'
         union all
         select o.data->>'runId' from outbox o where o.held_by is not null
         union all
         select o.data->>'runId' from outbox o where o.held_by is null and o.not_before is not null
       )
       select id from unnest($1::text[]) c(id) where id not in (select id from known where id is not null)`,
      [runs.map((run) => run.id)],
      `${schema}.forgotten`,
    );
    return rows.map((row) => row.id);
  };
