import { sql } from "drizzle-orm";
import type { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { type Numbered, numberedInput, numberedOf } from "@/lib/domain/numbered/page";

export type ProjectRow = { id: string; name: string; description: string | null };

/** A numbered page of the caller's projects, by name. */
export async function listNumberedProjects(
  ctxs: readonly Context[],
  input: z.input<typeof numberedInput>,
): Promise<Numbered<ProjectRow>> {
  const page = numberedOf(ctxs, numberedInput.parse(input));
  const [first] = page.items;
  const ids = page.items.map(({ project }) => project.id);
  const found = first
    ? await rows<ProjectRow>(
        first.db,
        sql`select id, name, description from projects where id = any(${sql.param(ids)}::uuid[]) order by name, id`,
      )
    : [];
  return { ...page, items: found };
}
