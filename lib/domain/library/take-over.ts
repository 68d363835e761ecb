import { z } from "zod";
import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { rewriteWorkflows } from "@/lib/domain/workflow/rewrite";
import { write } from "@/lib/domain/write";
import { invalid } from "@/lib/refusal";
import type { JobNode } from "@/lib/workflow/types";
import { type EntryVersion, entryOf, usesOf, versionOf } from "./entry";
import { type ChangedWorkflows, changedWorkflows, versionNumber } from "./types";

/** Workflows by their ids, or all that use the entry. */
export const takers = z.union([z.literal("all"), z.array(z.uuid()).min(1).max(500)]);
export type Takers = z.infer<typeof takers>;

export const takeOverInput = z.strictObject({
  id: z.uuid(),
  /** Left out: the newest. */
  version: versionNumber.optional(),
  workflows: takers,
});

export const takenOver = z.strictObject({ version: z.int(), workflows: changedWorkflows });

/**
 * Gives the jobs of an entry, in chosen workflows or all, the code of one of its versions: all or none, a new version of
 * each workflow. Throws `not_found` for the entry or version, `invalid` for a workflow that does not use the entry.
 */
export function takeOverVersion(
  ctx: Context,
  input: z.input<typeof takeOverInput>,
): Promise<z.infer<typeof takenOver>> {
  const { id, version: wanted, workflows } = takeOverInput.parse(input);
  return write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    await entryOf(ctx, tx, id);
    const version = await versionOf(ctx, tx, id, wanted);
    const changed = await takeOver(ctx, tx, { id, version, takers: workflows });
    return {
      result: { version: version.version, workflows: changed },
      audit: {
        event: "library.take_over",
        itemId: id,
        after: { version: version.version, workflows: changed.map((one) => one.id) },
      },
      changed: null,
    };
  });
}

/** The same in the caller's `write`, with the project locked. */
export async function takeOver(
  ctx: Context,
  tx: Db,
  { id, version, takers: who }: { id: string; version: EntryVersion; takers: Takers },
): Promise<ChangedWorkflows> {
  const using = new Set((await usesOf(ctx, tx, [id])).map((use) => use.workflowId));
  const asked = who === "all" ? [...using] : who.map((one) => one.toLowerCase());
  const strange = asked.filter((one) => !using.has(one));
  if (strange.length > 0)
    throw invalid("One of the workflows does not use this entry. Look at its users again, then choose.", {
      workflows: strange,
    });
  return rewriteWorkflows(ctx, tx, asked, (graph) => ({
    ...graph,
    jobs: graph.jobs.map((job) => (job.libraryJobId === id ? copyOf(job, id, version) : job)),
  }));
}

/** The job as a copy of an entry's version; its name, credential and retries stay its own. */
export const copyOf = (
  job: JobNode,
  id: string,
  { version, body, adaptor, adaptorVersion }: EntryVersion,
): JobNode => ({ ...job, body, adaptor, adaptorVersion, libraryJobId: id, libraryVersion: version });
