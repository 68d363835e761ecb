import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projectMembers, projects } from "@/db/schema";
import type { Role } from "@/lib/words";

/** The project and the user's role in it; undefined for strangers and for projects that do not exist. */
export async function findMembership(
  db: Db,
  userId: string,
  projectId: string,
): Promise<{ project: { id: string; name: string; deletesAt: Date | null }; role: Role } | undefined> {
  const [row] = await db
    .select({
      project: { id: projects.id, name: projects.name, deletesAt: projects.deletesAt },
      role: projectMembers.role,
    })
    .from(projectMembers)
    .innerJoin(projects, eq(projects.id, projectMembers.projectId))
    .where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId)));
  return row;
}
