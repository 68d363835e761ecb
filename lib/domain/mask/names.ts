import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { Mask } from "./mask";
import type { Veil } from "./veil";

/** A state above this is not read for its name. */
const readBytes = 256_000;

/** The veil over what each stored state is called: people name them after whom they are about. */
export async function nameVeils(
  { db, project }: Pick<Context, "db" | "project">,
  { own, whole }: Mask,
  ids: readonly string[],
): Promise<(id: string | null) => Veil> {
  const found = await rows<{ id: string; body: string }>(
    db,
    sql`select id, body from dataclips where project_id = ${project.id} and id = any(${sql.param([...ids])}::uuid[])
          and body is not null and octet_length(body) <= ${readBytes}`,
  );
  const veils = new Map(found.map(({ id, body }) => [id, own(body)]));
  return (id) => veils.get(id ?? "") ?? whole;
}
