import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { libraryJobs } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { requirePermission } from "@/lib/domain/permissions";
import type { ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { write } from "@/lib/domain/write";
import { conflict, invalid } from "@/lib/refusal";
import { insertVersion, pinned, refuseTooMuch } from "./create";
import { entryOf, usesOf, versionOf } from "./entry";
import { takeOver, takers } from "./take-over";
import { changedWorkflows, entryAdaptor, entryCode, libraryUse, versionNote, versionNumber } from "./types";

export const newVersionInput = z.strictObject({
  id: z.uuid(),
  /** The newest version that the change started from. */
  version: versionNumber,
  body: entryCode,
  /** Left out: as it is. */
  adaptor: entryAdaptor.optional(),
  note: versionNote.default(null),
  /** Who takes it over at once; left out: nobody, each may later. */
  workflows: takers.optional(),
});

export const newLibraryVersion = z.strictObject({
  version: z.int(),
  workflows: changedWorkflows,
  behind: z.array(libraryUse).meta({ description: "Jobs of the entry that have an older version still." }),
});

/**
 * Adds a version to an entry and, in the same transaction, gives it to the workflows that are named. Throws `not_found`,
 * `conflict` when somebody else has added one since, `invalid` when nothing is new or the adaptor cannot be had.
 */
export async function addLibraryVersion(
  ctx: Context,
  input: z.input<typeof newVersionInput>,
  { resolveAdaptor }: { resolveAdaptor: ResolveAdaptor },
): Promise<z.infer<typeof newLibraryVersion>> {
  requirePermission(ctx, "workflow.write");
  const { id, version: from, body, note, workflows: who, ...wanted } = newVersionInput.parse(input);
  await entryOf(ctx, ctx.db, id);
  const newest = await versionOf(ctx, ctx.db, id);
  const adaptor = wanted.adaptor ?? newest.adaptor;
  const code =
    adaptor === newest.adaptor
      ? { body, adaptor, adaptorVersion: newest.adaptorVersion }
      : await pinned({ body, adaptor }, resolveAdaptor);
  return write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    const entry = await entryOf(ctx, tx, id, true);
    if (entry.version !== from || newest.version !== from)
      throw conflict(
        `"${entry.name}" was changed by somebody else since you opened it. Load it again, then repeat your change.`,
        { version: entry.version },
      );
    if (code.body === newest.body && code.adaptor === newest.adaptor)
      throw invalid(`Version ${from} has this code and adaptor already. Change something first.`);
    const version = from + 1;
    await insertVersion(ctx, tx, { libraryJobId: id, version, note, ...code });
    await refuseTooMuch(ctx, tx, id);
    await tx
      .update(libraryJobs)
      .set({ version, updatedAt: new Date() })
      .where(and(eq(libraryJobs.id, id), eq(libraryJobs.projectId, ctx.project.id)));
    const changed = who ? await takeOver(ctx, tx, { id, version: { version, ...code }, takers: who }) : [];
    const behind = (await usesOf(ctx, tx, [id])).filter((use) => use.version !== version);
    return {
      result: {
        version,
        workflows: changed,
        behind: behind.map(({ entryId: _, ...use }) => use),
      },
      audit: {
        event: "library.new_version",
        itemId: id,
        before: { version: from },
        after: { version, note, adaptor: code.adaptor, workflows: changed.map((one) => one.id) },
      },
      changed: null,
    };
  });
}
