import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { noticeChannels } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { write } from "@/lib/domain/write";
import { channelTypes } from "@/lib/words";
import { newChannelSecret, sealTarget } from "./target";
import { channelName, channelUrl } from "./types";

export const newChannel = z.strictObject({
  name: channelName,
  type: z.enum(channelTypes).meta({
    description:
      "`webhook`: Standard Webhooks, signed. `slack`: an incoming webhook of Slack or one that takes the same.",
  }),
  url: channelUrl,
});

export const createdChannel = z.strictObject({
  id: z.string(),
  secret: z
    .string()
    .nullable()
    .meta({ description: "What its notices are signed with. It is shown this once. Null for `slack`." }),
});

/** Adds a channel. Throws `invalid` when the project has too many. */
export async function createChannel(
  ctx: Context,
  input: z.input<typeof newChannel>,
): Promise<z.infer<typeof createdChannel>> {
  return write(ctx, "notice_channel.manage", async (tx) => {
    const { name, type, url } = newChannel.parse(input);
    const projectId = ctx.project.id;
    await lockProject(tx, projectId);
    await refuseOneMore(tx, "noticeChannels", {
      table: noticeChannels,
      where: eq(noticeChannels.projectId, projectId),
      whose: "This project",
    });
    const id = randomUUID();
    const secret = type === "webhook" ? newChannelSecret() : null;
    const target = sealTarget(projectId, id, { url, ...(secret && { secret }) });
    const { host } = new URL(url);
    const createdBy = actorUserId(ctx.actor);
    await tx.insert(noticeChannels).values({ id, projectId, name, type, target, host, createdBy });
    return {
      result: { id, secret },
      audit: { event: "notice_channel.create", itemId: id, after: { name, type, host } },
      changed: null,
    };
  });
}
