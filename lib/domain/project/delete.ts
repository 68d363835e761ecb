import { eq } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { projects } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { dayOf, purgeTime } from "@/lib/domain/purge/grace";
import { write } from "@/lib/domain/write";
import { sendEvent } from "@/lib/queue/queue";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { tellOfDeletion } from "./tell-deletion";

export const projectDeletion = z.strictObject({ confirmName: z.string() });

export const scheduledDeletion = z.strictObject({
  deletesAt: moment.meta({ description: "When it is purged. Until then it can be taken back." }),
});

type Times = { deletionScheduledAt: Date; deletesAt: Date };

/**
 * Schedules the project's deletion: from now on it accepts, starts and changes nothing, what waits is cancelled and what
 * runs may end; seven days later all that it holds is purged, and its ids stay taken. Mails the owner and admins. Throws
 * `invalid` unless its name is repeated, `conflict` when it is scheduled already. `atOnce` is for the operator: no days.
 */
export async function deleteProject(
  ctx: Context,
  input: z.input<typeof projectDeletion>,
  { atOnce = false }: { atOnce?: boolean } = {},
): Promise<z.infer<typeof scheduledDeletion>> {
  const times = { deletionScheduledAt: new Date(), deletesAt: purgeTime({ atOnce }) };
  await scheduleProjectDeletion(ctx, input, { times, by: actorUserId(ctx.actor), isAgain: atOnce });
  if (!atOnce) await tellOfDeletion(ctx, times.deletesAt);
  return { deletesAt: iso(times.deletesAt) };
}

/** The part of it that is written; `isAgain` allows that it was before. Throws as `deleteProject` does. */
export async function scheduleProjectDeletion(
  ctx: Context,
  input: z.input<typeof projectDeletion>,
  { times, by, isAgain = false }: { times: Times; by: string | null; isAgain?: boolean },
): Promise<void> {
  await write(ctx, "project.delete", async (tx) => {
    const { confirmName } = projectDeletion.parse(input);
    const [project] = await tx
      .select({ name: projects.name, description: projects.description, deletesAt: projects.deletesAt })
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      // Rows that name the project may still be written meanwhile.
      .for("no key update");
    if (!project) throw notFound("The project");
    const { name, description } = project;
    if (confirmName !== name)
      throw invalid(`Type ${name} to confirm.`, { confirmName: [`This is not ${name}.`] });
    if (project.deletesAt && !isAgain)
      throw conflict(`It is being deleted already, for good on ${dayOf(project.deletesAt)}.`);
    await tx
      .update(projects)
      .set({ ...times, deletionScheduledBy: by })
      .where(eq(projects.id, ctx.project.id));
    await sendEvent(tx, ctx.project.id, "deletion/requested", {});
    return {
      result: undefined,
      audit: {
        event: "project.delete",
        itemId: ctx.project.id,
        before: { name, description },
        after: { deletesAt: iso(times.deletesAt) },
      },
      changed: null,
    };
  });
}
