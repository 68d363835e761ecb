import { sql } from "drizzle-orm";
import { z } from "zod";
import { containing } from "@/db/like";
import { iso, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import type { LibraryRow } from "./types";

export const listLibraryInput = pageInput.extend({
  /** Part of the name. */
  text: z.string().trim().min(1).max(100).optional(),
});

type Row = Omit<LibraryRow, "createdAt" | "updatedAt"> & {
  createdAt: Date | string;
  updatedAt: Date | string;
};

/** Returns the entries of the project's library by name, without their code, and how many jobs are of each. */
export async function listLibrary(
  ctx: Context,
  input: z.input<typeof listLibraryInput> = {},
): Promise<Page<LibraryRow>> {
  requirePermission(ctx, "workflow.read");
  const { text, cursor, limit } = listLibraryInput.parse(input);
  const found = await rows<Row>(
    ctx.db,
    sql`select l.id, l.name, l.description, l.version, v.adaptor, v.adaptor_version as "adaptorVersion",
          u.uses, u.behind, l.created_at as "createdAt", l.updated_at as "updatedAt"
        from (
          select * from library_jobs where project_id = ${ctx.project.id}
            ${text ? sql`and name ilike ${containing(text)}` : sql``}
            ${cursor ? sql`and (project_id, name) > (select project_id, name from library_jobs where id = ${cursor} and project_id = ${ctx.project.id})` : sql``}
          order by project_id, name limit ${limit + 1}
        ) l
        join lateral (
          select adaptor, adaptor_version from library_versions
          where library_job_id = l.id and version = l.version and project_id = l.project_id limit 1
        ) v on true
        cross join lateral (
          select count(*)::int as uses, (count(*) filter (where j.library_version <> l.version))::int as behind
          from jobs j join workflows w on w.id = j.workflow_id and w.deleted_at is null
          where j.library_job_id = l.id and j.project_id = l.project_id
        ) u
        order by l.name`,
  );
  return toPage(
    found.map((row) => ({ ...row, createdAt: iso(row.createdAt), updatedAt: iso(row.updatedAt) })),
    limit,
  );
}
