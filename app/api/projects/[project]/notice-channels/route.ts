import { z } from "zod";
import { createChannel, createdChannel, newChannel } from "@/lib/domain/notice/channel/create";
import { listChannels } from "@/lib/domain/notice/channel/list";
import { channelSummary } from "@/lib/domain/notice/channel/types";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Where the project's notices are posted to, without the addresses.",
    scope: "read",
    permission: "notice_channel.read",
    response: z.strictObject({ items: z.array(channelSummary) }),
  },
  async ({ ctx }) => ({ items: await listChannels(ctx) }),
);

export const POST = projectRoute(
  {
    summary: "Add a webhook, or a channel of Slack or what takes the same, that is told of failures.",
    scope: "write",
    permission: "notice_channel.manage",
    body: newChannel,
    response: createdChannel,
    status: 201,
  },
  ({ ctx, body }) => createChannel(ctx, body),
);
