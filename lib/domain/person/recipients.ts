import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { PersonDetail } from "./schemas";

/** Hosts that are named at most. */
const mostRecipients = 100;

/** Hosts that steps which are part of a search sent something to. */
export const recipientsOf = (ctx: Context, id: string): Promise<PersonDetail["recipients"]> =>
  rows<PersonDetail["recipients"][number]>(
    ctx.db,
    sql`select c->>'host' as host, count(distinct s.id)::int as steps
        from person_items i join steps s on s.id = i.item_id and s.project_id = i.project_id
        cross join lateral jsonb_array_elements(case when jsonb_typeof(s.connections) = 'array' then s.connections else '[]' end) c
        where i.request_id = ${id}::uuid and i.kind = 'step' and i.project_id = ${ctx.project.id} and (c->>'bytesSent')::float8 > 0
        group by 1 order by 2 desc, 1 limit ${mostRecipients}`,
  );
