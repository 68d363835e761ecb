import { renewChannelSecret, renewedSecret } from "@/lib/domain/notice/channel/change";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Make a new secret for a webhook. For a day its requests are signed with both.",
    scope: "write",
    permission: "notice_channel.manage",
    response: renewedSecret,
  },
  ({ ctx, params }) => renewChannelSecret(ctx, { channelId: params.channel ?? "" }),
);
