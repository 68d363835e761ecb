import { eq } from "drizzle-orm";
import { z } from "zod";
import { dataclips, messages, projects, workOrders } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { invalid, notFound } from "@/lib/refusal";

export const projectDeletion = z.strictObject({ confirmName: z.string() });

/** Deletes the project and all that it holds, messages included; its ids stay taken. Throws `invalid` unless its name is repeated. */
export async function deleteProject(ctx: Context, input: z.input<typeof projectDeletion>): Promise<void> {
  await write(ctx, "project.delete", async (tx) => {
    const { confirmName } = projectDeletion.parse(input);
    const [project] = await tx
      .select({ name: projects.name, description: projects.description })
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      .for("update");
    if (!project) throw notFound("The project");
    if (confirmName !== project.name)
      throw invalid(`Type ${project.name} to confirm.`, { confirmName: [`This is not ${project.name}.`] });
    // These have no foreign key to the project; runs, steps, logs and job states go with them.
    for (const table of [workOrders, messages, dataclips])
      await tx.delete(table).where(eq(table.projectId, ctx.project.id));
    await tx.delete(projects).where(eq(projects.id, ctx.project.id));
    return {
      result: undefined,
      audit: { event: "project.delete", itemId: ctx.project.id, before: project },
      changed: null,
    };
  });
}
