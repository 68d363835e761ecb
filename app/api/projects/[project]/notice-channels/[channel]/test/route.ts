import { tried, tryChannel } from "@/lib/domain/notice/try";
import { projectRoute } from "@/lib/http/route";

export const POST = projectRoute(
  {
    summary: "Send a test to a channel.",
    scope: "write",
    permission: "notice_channel.manage",
    response: tried,
    status: 202,
  },
  ({ ctx, params }) => tryChannel(ctx, { channelId: params.channel ?? "" }),
);
