import type { z } from "zod";
import { drafts } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { isMine } from "./owner";
import { draftPlace } from "./schemas";

/** Discards the caller's draft of a workflow. Throws `not_found` where there is none. */
export async function discardDraft(ctx: Context, input: z.input<typeof draftPlace>): Promise<void> {
  await write(ctx, "workflow.write", async (tx) => {
    const { workflowId } = draftPlace.parse(input);
    const [gone] = await tx
      .delete(drafts)
      .where(isMine(ctx, workflowId))
      .returning({ baseVersion: drafts.baseVersion, revision: drafts.revision });
    if (!gone) throw notFound("Your draft");
    return {
      result: undefined,
      audit: { event: "draft.discard", itemId: workflowId, before: gone },
      changed: { workflows: [workflowId] },
    };
  });
}
