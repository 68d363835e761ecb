import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { noticeChannels } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { newChannelSecret, openTarget, sealTarget } from "./target";
import { channelId, channelName, channelUrl } from "./types";

export const channelChange = channelId.extend({
  name: channelName.exactOptional(),
  url: channelUrl.exactOptional(),
  isOn: z.boolean().exactOptional(),
});

const fresh = { failures: 0, failingSince: null, pausedUntil: null, lastError: null };

/**
 * Renames a channel, gives it another address, switches it on or off. Another address and switching it on forget its failures.
 * Throws `not_found`.
 */
export async function changeChannel(ctx: Context, input: z.input<typeof channelChange>): Promise<void> {
  await write(ctx, "notice_channel.manage", async (tx) => {
    const { channelId: id, name, url, isOn } = channelChange.parse(input);
    const before = await locked(tx, ctx, id);
    const host = url === undefined ? before.host : new URL(url).host;
    const target = url === undefined ? {} : { target: resealed(before, { url }), host, ...fresh };
    const isSwitchedOn = isOn === true && before.disabledAt !== null;
    const switched = {
      ...(isSwitchedOn && { disabledAt: null, ...fresh }),
      ...(isOn === false && before.disabledAt === null && { disabledAt: new Date() }),
    };
    const set = { ...(name !== undefined && { name }), ...target, ...switched };
    if (Object.keys(set).length === 0) return { result: undefined, audit: null, changed: null };
    await tx.update(noticeChannels).set(set).where(isIt(ctx, id));
    return {
      result: undefined,
      audit: {
        event: "notice_channel.update",
        itemId: id,
        before: { name: before.name, host: before.host, isOn: before.disabledAt === null },
        after: {
          name: name ?? before.name,
          host,
          isOn: isOn ?? before.disabledAt === null,
          isNewAddress: url !== undefined,
        },
      },
      changed: null,
    };
  });
}

export const renewedSecret = z.strictObject({
  secret: z.string().meta({ description: "It is shown this once." }),
  oldEndsAt: z.string().meta({ description: "Until then requests are signed with the old one, too." }),
});

const dayMs = 86_400_000;

/** Makes a new secret for a webhook. For a day requests carry both signatures. Throws `not_found`, `conflict` for Slack's. */
export async function renewChannelSecret(
  ctx: Context,
  input: z.input<typeof channelId>,
): Promise<z.infer<typeof renewedSecret>> {
  return write(ctx, "notice_channel.manage", async (tx) => {
    const { channelId: id } = channelId.parse(input);
    const before = await locked(tx, ctx, id);
    if (before.type !== "webhook")
      throw conflict("Only webhooks are signed. Slack's address is the secret itself.");
    const { secret: oldSecret } = openTarget(before.projectId, id, before.target);
    const secret = newChannelSecret();
    const oldUntil = Date.now() + dayMs;
    const target = resealed(before, { secret, ...(oldSecret && { oldSecret }), oldUntil });
    await tx.update(noticeChannels).set({ target }).where(isIt(ctx, id));
    return {
      result: { secret, oldEndsAt: new Date(oldUntil).toISOString() },
      audit: { event: "notice_channel.renew_secret", itemId: id, before: { name: before.name } },
      changed: null,
    };
  });
}

/** Deletes a channel, with its rule and what was sent to it. Throws `not_found`. */
export async function deleteChannel(ctx: Context, input: z.input<typeof channelId>): Promise<void> {
  await write(ctx, "notice_channel.manage", async (tx) => {
    const { channelId: id } = channelId.parse(input);
    const { name, type, host } = await locked(tx, ctx, id);
    await tx.delete(noticeChannels).where(isIt(ctx, id));
    return {
      result: undefined,
      audit: { event: "notice_channel.delete", itemId: id, before: { name, type, host } },
      changed: null,
    };
  });
}

const isIt = ({ project }: Context, id: string) =>
  and(eq(noticeChannels.projectId, project.id), eq(noticeChannels.id, id));

type Channel = typeof noticeChannels.$inferSelect;

async function locked(tx: Db, ctx: Context, id: string): Promise<Channel> {
  const [row] = await tx.select().from(noticeChannels).where(isIt(ctx, id)).for("update");
  if (!row) throw notFound("The channel");
  return row;
}

function resealed(
  { projectId, id, target }: Channel,
  change: Partial<ReturnType<typeof openTarget>>,
): string {
  return sealTarget(projectId, id, { ...openTarget(projectId, id, target), ...change });
}
