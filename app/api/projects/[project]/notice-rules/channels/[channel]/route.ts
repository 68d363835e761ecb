import { setChannelRule } from "@/lib/domain/notice/rules/set";
import { channelRuleChange, noticeRule } from "@/lib/domain/notice/rules/types";
import { projectRoute } from "@/lib/http/route";

export const PATCH = projectRoute(
  {
    summary: "Choose what goes to a channel: which workflows and ends, at once or in a digest.",
    scope: "write",
    permission: "notice_rule.manage",
    body: channelRuleChange,
    response: noticeRule,
  },
  ({ ctx, params, body }) => setChannelRule(ctx, { ...body, channelId: params.channel ?? "" }),
);
