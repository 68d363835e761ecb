import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projectMembers, projects, secondFactors } from "@/db/schema";
import type { Role } from "@/lib/words";

export type Membership = {
  project: { id: string; name: string; deletesAt: Date | null };
  role: Role;
  /** The project asks for a second factor, and the user has none: nothing of it is open to them. */
  needsSecondFactor: boolean;
};

/** The project and the user's role in it; undefined for strangers and for projects that do not exist. */
export async function findMembership(
  db: Db,
  userId: string,
  projectId: string,
): Promise<Membership | undefined> {
  const [row] = await db
    .select({
      project: { id: projects.id, name: projects.name, deletesAt: projects.deletesAt },
      role: projectMembers.role,
      needsSecondFactor: sql<boolean>`${projects.requireSecondFactor} and ${secondFactors.userId} is null`,
    })
    .from(projectMembers)
    .innerJoin(projects, eq(projects.id, projectMembers.projectId))
    .leftJoin(
      secondFactors,
      and(eq(secondFactors.userId, projectMembers.userId), isNotNull(secondFactors.confirmedAt)),
    )
    .where(and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId)));
  return row;
}
