import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";
import { noticeChannels, notices } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import { write } from "@/lib/domain/write";
import { conflict, forbidden, notFound } from "@/lib/refusal";
import { channelId } from "./channel/types";
import { type NoticeTarget, queueNotices } from "./queue";

export const tried = z.strictObject({
  id: z.string().meta({ description: "Of the notice: the list of notices says what becomes of it." }),
});

/** Sends a test to a channel, after failures too. Throws `not_found`, `conflict` when it is switched off, `limit`. */
export async function tryChannel(
  ctx: Context,
  input: z.input<typeof channelId>,
): Promise<z.infer<typeof tried>> {
  requirePermission(ctx, "notice_channel.manage");
  const { channelId: id } = channelId.parse(input);
  await consumeLimit(ctx.db, `notice-test:${ctx.project.id}`, limits.noticeTest);
  return write(ctx, "notice_channel.manage", async (tx) => {
    const [channel] = await tx
      .update(noticeChannels)
      .set({ pausedUntil: null })
      .where(and(eq(noticeChannels.projectId, ctx.project.id), eq(noticeChannels.id, id)))
      .returning({ name: noticeChannels.name, disabledAt: noticeChannels.disabledAt });
    if (!channel) throw notFound("The channel");
    if (channel.disabledAt) throw conflict("This channel is switched off. Switch it on first.");
    return {
      result: { id: await queueTest(tx, ctx, { channelId: id }) },
      audit: { event: "notice_channel.test", itemId: id, after: { name: channel.name } },
      changed: null,
    };
  });
}

/** Mails a test to whoever asks. Throws `limit`, `forbidden` when no person does. */
export async function tryMail(ctx: Context): Promise<z.infer<typeof tried>> {
  requirePermission(ctx, "notice.read");
  const userId = actorUserId(ctx.actor);
  if (!userId) throw forbidden();
  await consumeLimit(ctx.db, `notice-test:${userId}`, limits.noticeTest);
  return write(ctx, "own", async (tx) => {
    return { result: { id: await queueTest(tx, ctx, { userId }) }, audit: null, changed: null };
  });
}

/** Throws `conflict` when whoever is to get it is on their way out. */
async function queueTest(tx: Db, { project }: Context, to: NoticeTarget): Promise<string> {
  const about = randomUUID();
  await queueNotices({ query: queryOf(tx) }, [
    { kind: "test", key: `test:${about}`, projectId: project.id, to, data: {}, notBefore: null },
  ]);
  const [queued] = await tx
    .select({ id: notices.id })
    .from(notices)
    .where(and(eq(notices.projectId, project.id), eq(notices.key, `test:${about}:${Object.values(to)[0]}`)));
  if (!queued) throw conflict("Nothing is sent there any more.");
  return queued.id;
}
