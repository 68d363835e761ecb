import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projectMembers, projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { notFound } from "@/lib/refusal";
import type { Role } from "@/lib/words";

/** Makes changes to a project's members wait for each other: whoever comes second sees what the first did. */
export async function lockMembers(tx: Db, ctx: Context): Promise<void> {
  const [row] = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(eq(projects.id, ctx.project.id))
    .for("no key update");
  if (!row) throw notFound("The project");
}

/** A member's role now. Throws `not_found` for somebody who is none. */
export async function roleOf(tx: Db, ctx: Context, userId: string): Promise<Role> {
  const [row] = await tx
    .select({ role: projectMembers.role })
    .from(projectMembers)
    .where(and(eq(projectMembers.projectId, ctx.project.id), eq(projectMembers.userId, userId)));
  if (!row) throw notFound("The collaborator");
  return row.role;
}

export const memberRow = (ctx: Context, userId: string) =>
  and(eq(projectMembers.projectId, ctx.project.id), eq(projectMembers.userId, userId));
