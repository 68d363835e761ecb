import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { noticeChannels, notices } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { sendEvent } from "@/lib/queue/queue";
import { conflict, notFound } from "@/lib/refusal";

export const noticeId = z.strictObject({ noticeId: z.uuid() });

/**
 * Sends a notice again that failed, or of which nobody knows whether it arrived: then it may arrive twice, which is for a
 * person to say. Throws `not_found`, `conflict` for one that was sent, waits, or was stopped.
 */
export async function sendNoticeAgain(ctx: Context, input: z.input<typeof noticeId>): Promise<void> {
  await write(ctx, "notice.send_again", async (tx) => {
    const { noticeId: id } = noticeId.parse(input);
    const isIt = and(eq(notices.projectId, ctx.project.id), eq(notices.id, id));
    // checked: isIt names the project
    const [notice] = await tx
      .select({ state: notices.state, channelId: notices.channelId, kind: notices.kind })
      .from(notices)
      .where(isIt)
      .for("update");
    if (!notice) throw notFound("The notice");
    if (notice.state !== "failed" && notice.state !== "uncertain")
      throw conflict("Only a notice that could not be sent, or may not have arrived, is sent again.");
    // checked: isIt names the project
    await tx
      .update(notices)
      .set({
        state: "waiting",
        notBefore: sql`now()`,
        nextAt: sql`now()`,
        attempts: 0,
        claimedAt: null,
        handedAt: null,
        failedAt: null,
      })
      .where(and(isIt, inArray(notices.state, ["failed", "uncertain"])));
    if (notice.channelId)
      await tx
        .update(noticeChannels)
        .set({ pausedUntil: null })
        .where(and(eq(noticeChannels.projectId, ctx.project.id), eq(noticeChannels.id, notice.channelId)));
    await sendEvent(tx, ctx.project.id, "notices/requested", {});
    return {
      result: undefined,
      audit: { event: "notice.send_again", itemId: id, before: { state: notice.state, kind: notice.kind } },
      changed: null,
    };
  });
}
