import { channelRule, listChannelRules } from "@/lib/domain/notice/rules/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "What goes to each of the project's channels.",
    scope: "read",
    permission: "notice_rule.read",
    query: pageInput,
    response: pageOf(channelRule),
  },
  ({ ctx, query }) => listChannelRules(ctx, query),
);
