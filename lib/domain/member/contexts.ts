import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context, UserContext } from "@/lib/domain/context";
import type { Bound } from "@/lib/domain/project/create";
import type { Role } from "@/lib/words";

/** How many projects are looked at together. */
const maxProjects = 1_000;

type Row = { id: string; name: string; deletesAt: Date | string | null; role: Role };

/**
 * The contexts of all projects that are open to somebody, by their names: those that they are a member of, and that ask for
 * no second factor that they lack. Of a token that is bound to chosen projects, those.
 */
export async function contextsOf(ctx: UserContext & Bound): Promise<Context[]> {
  const { actor, db, announce, boundTo } = ctx;
  const found = await rows<Row>(
    db,
    sql`/* checked: the caller's own */ select p.id, p.name, p.deletes_at as "deletesAt", m.role
        from project_members m join projects p on p.id = m.project_id
        where m.user_id = ${actor.userId} ${boundTo ? sql`and p.id = any(${sql.param([...boundTo])}::uuid[])` : sql``}
          and (not p.require_second_factor or exists (
            select 1 from second_factors f where f.user_id = m.user_id and f.confirmed_at is not null))
        order by p.name, p.id limit ${maxProjects}`,
  );
  return found.map(({ role, deletesAt, ...project }) => ({
    actor,
    db,
    announce,
    project: { ...project, deletesAt: deletesAt === null ? null : new Date(deletesAt) },
    role,
  }));
}
