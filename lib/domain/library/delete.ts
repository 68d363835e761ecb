import { and, eq } from "drizzle-orm";
import { libraryJobs } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { entryOf, usesOf } from "./entry";

/**
 * Deletes an entry with its versions. Runs need none of it: their versions hold the code. Throws `not_found`, `conflict`
 * while a job is of it, with the jobs.
 */
export function deleteLibraryJob(ctx: Context, id: string): Promise<void> {
  return write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    const entry = await entryOf(ctx, tx, id, true);
    const uses = await usesOf(ctx, tx, [id]);
    const [first] = uses;
    if (first)
      throw conflict(
        `"${first.workflowName}: ${first.jobName}"${uses.length > 1 ? ` and ${uses.length - 1} more` : ""} ${uses.length > 1 ? "are" : "is"} of this entry. Detach ${uses.length > 1 ? "them" : "it"} first: detached jobs keep their code.`,
        { uses: uses.map(({ workflowId, jobId }) => ({ workflowId, jobId })) },
      );
    await tx
      .delete(libraryJobs)
      .where(and(eq(libraryJobs.id, id), eq(libraryJobs.projectId, ctx.project.id)));
    return {
      result: undefined,
      audit: {
        event: "library.delete",
        itemId: id,
        before: { name: entry.name, description: entry.description, version: entry.version },
      },
      changed: null,
    };
  });
}
