import { changeChannel, channelChange, deleteChannel } from "@/lib/domain/notice/channel/change";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Rename a channel, give it another address, switch it on or off.",
    scope: "write",
    permission: "notice_channel.manage",
    body: channelChange.omit({ channelId: true }),
    response: noContent,
  },
  ({ ctx, params, body }) => changeChannel(ctx, { ...body, channelId: params.channel ?? "" }),
);

export const DELETE = projectRoute(
  {
    summary: "Delete a channel, with what was sent to it.",
    scope: "write",
    permission: "notice_channel.manage",
    response: noContent,
  },
  ({ ctx, params }) => deleteChannel(ctx, { channelId: params.channel ?? "" }),
);
