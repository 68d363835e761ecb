import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { noticeChannels } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import { write } from "@/lib/domain/write";
import { conflict, forbidden, notFound } from "@/lib/refusal";
import { channelId } from "./channel/types";
import { type NoticeTarget, queueNotices } from "./queue";

export const tried = z.strictObject({
  isQueued: z.boolean().meta({ description: "The list of notices says what becomes of it." }),
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
    await queueNotices({ query: queryOf(tx) }, [testTo(ctx, { channelId: id })]);
    return {
      result: { isQueued: true },
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
    await queueNotices({ query: queryOf(tx) }, [testTo(ctx, { userId })]);
    return { result: { isQueued: true }, audit: null, changed: null };
  });
}

const testTo = ({ project }: Context, to: NoticeTarget) => ({
  kind: "test" as const,
  key: `test:${randomUUID()}`,
  projectId: project.id,
  to,
  data: {},
  notBefore: null,
});
