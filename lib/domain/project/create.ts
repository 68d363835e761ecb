import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { projectMembers, projects } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { Context, UserContext } from "@/lib/domain/context";
import { lockPerson, refuseOneMore } from "@/lib/domain/counted";
import { named } from "@/lib/domain/fields";
import { takeNewIds } from "@/lib/domain/taken-ids";
import { write } from "@/lib/domain/write";
import { env } from "@/lib/env";
import { conflict, forbidden } from "@/lib/refusal";
import { newProject } from "./schemas";

export const createdProject = z.strictObject({ ...named.shape, inboxId: z.uuid() });
export type CreatedProject = z.infer<typeof createdProject>;

/** Of a project that is there and of one that was: nobody inherits what is still known of it. */
const takenId = "There is already a project with this id, or there was one. Choose another id.";

/**
 * Makes an empty project, owned by whoever asks. Throws `conflict` when the id it brings was ever taken, `forbidden` for a
 * token that is bound to other projects.
 */
export async function createProject(
  ctx: UserContext & Bound,
  input: z.input<typeof newProject>,
): Promise<CreatedProject> {
  refuseBound(ctx);
  const values = newProject.parse(input);
  try {
    return await write(ctx, "own", async (tx) => {
      await refuseOneMoreProject(tx, ctx.actor.userId);
      const [project] = await tx
        .insert(projects)
        .values({
          ...(values.id ? { id: values.id } : {}),
          name: values.name,
          description: values.description ?? null,
          ...usualPlan(),
        })
        .returning({ id: projects.id, name: projects.name, inboxId: projects.inboxId });
      if (!project) throw new Error("The project was not inserted.");
      const ids = [
        { id: project.id, kind: "project" as const },
        { id: project.inboxId, kind: "inbox" as const },
      ];
      if ((await takeNewIds(tx, project.id, ids)).length > 0) throw conflict(takenId);
      await tx
        .insert(projectMembers)
        .values({ projectId: project.id, userId: ctx.actor.userId, role: "owner" });
      const after = { name: project.name, description: values.description ?? null };
      return {
        result: project,
        audit: { event: "project.create", itemId: project.id, after, project },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "projects_pkey")) throw conflict(takenId);
    throw error;
  }
}

/** What the operator lets new projects start; a zero is no limit. */
function usualPlan() {
  const { PLAN_RUNS_PER_MONTH, PLAN_RUNS_PER_MINUTE, PLAN_LIMIT } = env();
  return {
    runsPerMonth: PLAN_RUNS_PER_MONTH || null,
    runsPerMinute: PLAN_RUNS_PER_MINUTE || null,
    limitKind: PLAN_LIMIT,
  };
}

/** The only projects that an API token may touch, where there are such. */
export type Bound = { boundTo?: readonly string[] };

/** Throws `invalid` when somebody owns as many projects as one may. */
export async function refuseOneMoreProject(tx: Db, userId: string): Promise<void> {
  await lockPerson(tx, userId);
  await refuseOneMore(tx, "projectsOwned", {
    table: projectMembers,
    where: and(eq(projectMembers.userId, userId), eq(projectMembers.role, "owner")),
    whose: "The owner's account",
  });
}

/** Throws `forbidden` for a token that is bound to chosen projects. */
export function refuseBound({ boundTo }: Bound): void {
  if (boundTo) throw forbidden("This API token works in chosen projects only.");
}

/** The context of a project's owner who has just created it, for what is filled into it next. */
export const ownerContext = (ctx: UserContext, project: CreatedProject): Context => ({
  actor: ctx.actor,
  db: ctx.db,
  announce: ctx.announce,
  project: { id: project.id, name: project.name },
  role: "owner",
});
