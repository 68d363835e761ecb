import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { notFound } from "@/lib/refusal";

/** Throws `not_found` where the project has no such message. */
export async function requireMessage({ db, project }: Context, id: string): Promise<void> {
  const known = sql`select 1 from messages where id = ${id}::uuid and project_id = ${project.id}::uuid`;
  if ((await rows(db, known)).length === 0) throw notFound("The message");
}
